// English number formats: toLocaleString and Intl.NumberFormat. Other languages are refused by name.
// Source: ECMA-402, "NumberFormat"; Unicode CLDR, en.
(function (taken) {
  "use strict";
  const { Text } = taken;
  const LOCALES = ["en", "en-US", "en-GB", "en-CA", "en-AU", "en-NZ", "en-IE"];
  const SYMBOLS = {
    __proto__: null, USD: "$", EUR: "€", GBP: "£", JPY: "¥", INR: "₹", KRW: "₩", CNY: "CN¥", BRL: "R$", CAD: "CA$", AUD: "A$", MXN: "MX$",
    NZD: "NZ$", HKD: "HK$", ILS: "₪", TWD: "NT$", VND: "₫", PHP: "₱",
  };
  const DIGITS = {
    __proto__: null,
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
  };
  const OPTIONS = [
    "style", "currency", "currencyDisplay",
    "minimumIntegerDigits", "minimumFractionDigits", "maximumFractionDigits", "useGrouping",
  ];

  function refuse(what, available) {
    throw new RangeError(what + " is not available here: " + available);
  }

  function localeOf(locales) {
    const locale = Text((Array.isArray(locales) ? locales[0] : locales) ?? "en-US");
    return LOCALES.includes(locale) ? locale : refuse('The locale "' + locale + '"', "only " + LOCALES.join(", ") + " are");
  }

  function currencyOf(locale, options) {
    if (options.currency === undefined) throw new TypeError("Currency code is required with currency style.");
    const currency = Text(options.currency).toUpperCase();
    if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError("Invalid currency code : " + options.currency);
    // Other countries write some symbols differently.
    if (locale !== "en" && locale !== "en-US") refuse('Money in the locale "' + locale + '"', "only en-US is");
    return currency;
  }

  function digitsOf(options, name, low, high) {
    const value = options[name];
    if (value === undefined) return undefined;
    if (!(value >= low && value <= high)) throw new RangeError(name + " value is out of range.");
    return Math.floor(value);
  }

  function fractionOf(options, least, most) {
    const low = digitsOf(options, "minimumFractionDigits", 0, 100), high = digitsOf(options, "maximumFractionDigits", 0, 100);
    if (low > high) throw new RangeError("maximumFractionDigits value is out of range.");
    return { least: low ?? Math.min(least, high ?? least), most: high ?? Math.max(most, low ?? most) };
  }

  function planOf(locales, options = {}) {
    const unknown = Object.keys(options).find((name) => options[name] !== undefined && !OPTIONS.includes(name));
    if (unknown) refuse("The option " + unknown, "only " + OPTIONS.join(", ") + " are");
    const locale = localeOf(locales), style = options.style ?? "decimal", display = options.currencyDisplay ?? "symbol";
    if (!["decimal", "percent", "currency"].includes(style)) refuse("The style " + style, "only decimal, percent and currency are");
    if (!["symbol", "code"].includes(display)) refuse("The currencyDisplay " + display, "only symbol and code are");
    const currency = style === "currency" ? currencyOf(locale, options) : undefined;
    const usual = currency ? Number(Object.keys(DIGITS).find((digits) => DIGITS[digits].includes(currency)) ?? 2) : 0;
    const { least, most } = fractionOf(options, usual, style === "decimal" ? 3 : usual);
    return {
      locale, style, currency, display, least, most,
      whole: digitsOf(options, "minimumIntegerDigits", 1, 21) ?? 1, grouped: options.useGrouping !== false,
    };
  }

  // The digits before and after the point of the shortest text for this number, without an exponent.
  function plainDigits(value) {
    const [figures, exponent = "0"] = Text(value).split("e"), [whole, rest = ""] = figures.split("."), shift = Number(exponent);
    const digits = whole + rest, point = whole.length + shift;
    if (point <= 0) return ["0", "0".repeat(-point) + digits];
    return [digits.slice(0, point).padEnd(point, "0"), digits.slice(point)];
  }

  // Half a unit is rounded away from zero.
  function rounded(value, most, places) {
    const [whole, rest] = plainDigits(value), all = (whole + rest.padEnd(most + places, "0")), cut = whole.length + places + most;
    const up = (all[cut] ?? "0") >= "5" ? 1n : 0n, kept = Text(BigInt(all.slice(0, cut)) + up).padStart(most + 1, "0");
    return [kept.slice(0, kept.length - most), kept.slice(kept.length - most)];
  }

  function figures(value, plan) {
    if (value === Infinity) return "∞";
    const isBig = typeof value === "bigint";
    let [whole, rest] = rounded(isBig ? value : value, plan.most, plan.style === "percent" ? 2 : 0);
    while (rest.length > plan.least && rest.endsWith("0")) rest = rest.slice(0, -1);
    whole = whole.padStart(plan.whole, "0");
    if (plan.grouped) whole = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return rest ? whole + "." + rest : whole;
  }

  function written(value, plan) {
    if (Number.isNaN(value)) return plan.currency ? money("NaN", plan) : "NaN" + (plan.style === "percent" ? "%" : "");
    const isNegative = value < 0 || Object.is(value, -0), text = figures(isNegative ? -value : value, plan);
    const shown = plan.currency ? money(text, plan) : plan.style === "percent" ? text + "%" : text;
    return isNegative ? "-" + shown : shown;
  }

  function money(text, { currency, display }) {
    const symbol = display === "symbol" ? SYMBOLS[currency] : undefined;
    return symbol ? symbol + text : currency + "\u00a0" + text;
  }

  const numberOf = (value) => (typeof value === "bigint" ? value : Number(value));

  class NumberFormat {
    #plan;
    constructor(locales, options) {
      this.#plan = planOf(locales, options);
      this.format = (value) => written(numberOf(value), this.#plan);
    }
    resolvedOptions() {
      const { locale, style, currency, least, most, whole } = this.#plan;
      return {
        locale, numberingSystem: "latn", style, ...(currency && { currency }), minimumIntegerDigits: whole,
        minimumFractionDigits: least, maximumFractionDigits: most,
      };
    }
  }

  return {
    __proto__: null,
    Intl: { NumberFormat: new Proxy(NumberFormat, { apply: (_, __, given) => new NumberFormat(...given) }) },
    toLocaleString: (value, locales, options) => written(Number.prototype.valueOf.call(value), planOf(locales, options)),
  };
})
