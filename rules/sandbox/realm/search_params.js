// URLSearchParams, alone or as the query of a URL.
// Source: WHATWG, URL, "URLSearchParams class".
(function (taken) {
  "use strict";
  const { Text } = taken;
  const text = (value) => Text(value).toWellFormed();

  // Form encoding: a space becomes a plus, and more characters are escaped than elsewhere in a URL.
  const written = (value) =>
    encodeURIComponent(value).replace(/[!'()~]/g, (mark) => "%" + mark.charCodeAt(0).toString(16).toUpperCase()).replaceAll("%20", "+");

  // An invalid escape stays unchanged; bytes that are not UTF-8 become U+FFFD.
  function read(value) {
    const plain = value.replaceAll("+", " ");
    return plain.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => decoded(escapes));
  }

  function decoded(escapes) {
    try {
      return decodeURIComponent(escapes);
    } catch {
      const { TextDecoder } = taken.part("text_coding");
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.fromHex(escapes.replaceAll("%", "")));
    }
  }

  function pairsOf(query) {
    const pairs = [];
    for (const part of query.split("&")) {
      if (!part) continue;
      const at = part.indexOf("=");
      pairs.push(at < 0 ? [read(part), ""] : [read(part.slice(0, at)), read(part.slice(at + 1))]);
    }
    return pairs;
  }

  function pairsFrom(given) {
    if (given === undefined) return [];
    if ((typeof given !== "object" && typeof given !== "function") || given === null) return pairsOf(text(given).replace(/^\?/, ""));
    if (typeof given[Symbol.iterator] !== "function") return Object.keys(given).map((name) => [text(name), text(given[name])]);
    return Array.from(given, (pair) => {
      const both = typeof pair === "object" && pair !== null ? [...pair] : [];
      if (both.length !== 2) throw new TypeError("Each query pair must be an iterable [name, value] tuple");
      return both.map(text);
    });
  }

  class URLSearchParams {
    #pairs; #changed = () => {};
    constructor(given) {
      this.#pairs = pairsFrom(given);
    }
    // For URL only, which saves these before a piece can reach them.
    static follow(params, changed) { params.#changed = changed; }
    static fill(params, query) { params.#pairs = pairsOf(query); }
    get size() { return this.#pairs.length; }
    append(name, value) { this.#pairs.push([text(name), text(value)]); this.#changed(); }
    delete(name, value) {
      const key = text(name), only = value === undefined ? undefined : text(value);
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== key || (only !== undefined && pair[1] !== only));
      this.#changed();
    }
    get(name) { return this.#pairs.find((pair) => pair[0] === text(name))?.[1] ?? null; }
    getAll(name) { return this.#pairs.filter((pair) => pair[0] === text(name)).map((pair) => pair[1]); }
    has(name, value) { return this.#pairs.some((pair) => pair[0] === text(name) && (value === undefined || pair[1] === text(value))); }
    set(name, value) {
      const key = text(name), first = this.#pairs.find((pair) => pair[0] === key);
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== key || pair === first);
      if (first) first[1] = text(value);
      else this.#pairs.push([key, text(value)]);
      this.#changed();
    }
    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed();
    }
    forEach(act, self) { for (const [name, value] of this) act.call(self, value, name, this); }
    *keys() { for (const [name] of this) yield name; }
    *values() { for (const [, value] of this) yield value; }
    *entries() { for (let i = 0; i < this.#pairs.length; i++) yield [...this.#pairs[i]]; }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.#pairs.map(([name, value]) => written(name) + "=" + written(value)).join("&"); }
    get [Symbol.toStringTag]() { return "URLSearchParams"; }
  }

  const { follow, fill } = URLSearchParams;
  delete URLSearchParams.follow;
  delete URLSearchParams.fill;
  return { __proto__: null, URLSearchParams, follow, fill, decoded };
})
