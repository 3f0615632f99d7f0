// URL, parsed as browsers do.
// Source: WHATWG, URL. Host names in other scripts are lower-cased and written in Punycode, without the tables of UTS 46.
(function (taken) {
  "use strict";
  const { part, Text } = taken;
  const { URLSearchParams, follow, fill, decoded } = part("search_params");
  const PORTS = { __proto__: null, http: "80", https: "443", ws: "80", wss: "443", ftp: "21", file: null };
  const isSpecial = (url) => url.scheme in PORTS;

  // The characters to escape, in addition to everything outside printable ASCII.
  const SETS = {
    __proto__: null, control: "", fragment: ' "<>`', query: ' "#<>', specialQuery: " \"#<>'",
    path: ' "#<>?`{}^', user: ' "#<>?`{}/:;=@[\\]^|',
  };

  function escapedLetter(letter) {
    const code = letter.charCodeAt(0);
    return code < 128 ? "%" + code.toString(16).toUpperCase().padStart(2, "0") : encodeURIComponent(letter);
  }

  function escaped(text, set) {
    let all = "";
    for (const letter of text) all += letter < " " || letter > "~" || SETS[set].includes(letter) ? escapedLetter(letter) : letter;
    return all;
  }

  const unescaped = (text) => text.replace(/(?:%[0-9A-Fa-f]{2})+/g, decoded);

  function invalid() {
    throw new TypeError("Invalid URL");
  }

  // Hosts

  function ipv4Number(part) {
    if (!part) return NaN;
    const base = /^0x/i.test(part) ? 16 : part.length > 1 && part[0] === "0" ? 8 : 10;
    const digits = base === 16 ? part.slice(2) : part;
    if (!{ 16: /^[0-9a-f]*$/i, 10: /^[0-9]+$/, 8: /^[0-7]+$/ }[base].test(digits)) return NaN;
    return digits ? parseInt(digits, base) : 0;
  }

  function ipv4(host) {
    const parts = host.replace(/\.$/, "").split("."), numbers = parts.map(ipv4Number);
    if (parts.length > 4 || numbers.some(Number.isNaN) || numbers.slice(0, -1).some((each) => each > 255)) invalid();
    const last = numbers.pop();
    if (last >= 256 ** (4 - numbers.length)) invalid();
    const address = numbers.reduce((sum, each, i) => sum + each * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
  }

  function endsInNumber(host) {
    const parts = host.replace(/\.$/, "").split("."), last = parts[parts.length - 1];
    return /^[0-9]+$/.test(last) || /^0x[0-9a-f]*$/i.test(last);
  }

  function ipv6Groups(text) {
    if (!text) return [];
    const groups = text.split(":"), last = groups[groups.length - 1];
    if (last.includes(".")) {
      if (!/^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(last)) invalid();
      const [a, b, c, d] = last.split(".").map(Number);
      if (Math.max(a, b, c, d) > 255) invalid();
      groups.splice(-1, 1, (a * 256 + b).toString(16), (c * 256 + d).toString(16));
    }
    return groups.map((group) => (/^[0-9a-f]{1,4}$/i.test(group) ? parseInt(group, 16) : invalid()));
  }

  function ipv6(text) {
    const halves = text.split("::");
    if (halves.length > 2 || (halves.length === 2 && halves[0].includes("."))) invalid();
    const [head, tail = []] = halves.map(ipv6Groups), gap = 8 - head.length - tail.length;
    if (halves.length === 1 ? gap !== 0 : gap < 1) invalid();
    const groups = [...head, ...new Array(gap).fill(0), ...tail];
    return "[" + shortest(groups) + "]";
  }

  // The longest run of zeros, or the first of equal runs, is written as "::".
  function shortest(groups) {
    let best = { at: -1, length: 1 };
    groups.forEach((_, at) => {
      let length = 0;
      while (groups[at + length] === 0) length++;
      if (length > best.length) best = { at, length };
    });
    const written = groups.map((group) => group.toString(16));
    if (best.at < 0) return written.join(":");
    return written.slice(0, best.at).join(":") + "::" + written.slice(best.at + best.length).join(":");
  }

  // Source: RFC 3492, Punycode.
  function punycode(label) {
    const points = Array.from(label, (letter) => letter.codePointAt(0)), plain = points.filter((point) => point < 128);
    let output = String.fromCharCode(...plain), done = plain.length, n = 128, delta = 0, bias = 72;
    const basic = done;
    if (basic) output += "-";
    while (done < points.length) {
      const next = Math.min(...points.filter((point) => point >= n));
      delta += (next - n) * (done + 1);
      n = next;
      for (const point of points) {
        if (point < n) delta++;
        if (point !== n) continue;
        output += variableLength(delta, bias);
        bias = adapted(delta, done + 1, done === basic);
        delta = 0;
        done++;
      }
      delta++;
      n++;
    }
    return "xn--" + output;
  }

  const digit = (value) => String.fromCharCode(value + (value < 26 ? 97 : 22));

  function variableLength(delta, bias) {
    let text = "", rest = delta;
    for (let k = 36; ; k += 36) {
      const least = Math.min(Math.max(k - bias, 1), 26);
      if (rest < least) return text + digit(rest);
      text += digit(least + ((rest - least) % (36 - least)));
      rest = Math.floor((rest - least) / (36 - least));
    }
  }

  function adapted(delta, count, isFirst) {
    let rest = Math.floor(delta / (isFirst ? 700 : 2)), k = 0;
    rest += Math.floor(rest / count);
    for (; rest > 455; k += 36) rest = Math.floor(rest / 35);
    return k + Math.floor((36 * rest) / (rest + 38));
  }

  function domain(text) {
    const mapped = unescaped(text).replace(/[\u00ad\u200b\u2060\ufeff\ufe00-\ufe0f]/g, "").normalize("NFKC").toLowerCase().normalize("NFC");
    const labels = mapped.replace(/[\u3002\uff0e\uff61]/g, ".").split(".");
    const host = labels.map((label) => (/^[\0-\x7f]*$/.test(label) ? label : punycode(label))).join(".");
    if (!host || /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/.test(host)) invalid();
    return endsInNumber(host) ? ipv4(host) : host;
  }

  function hostOf(text, special) {
    if (text[0] === "[") return text.endsWith("]") ? ipv6(text.slice(1, -1)) : invalid();
    if (special) return domain(text);
    return /[\0\t\n\r #/:<>?@[\\\]^|]/.test(text) ? invalid() : escaped(text, "control");
  }

  // Parts

  function readAuthority(url, text) {
    const at = text.lastIndexOf("@"), address = text.slice(at + 1), split = address.match(/^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s);
    if (at >= 0) {
      const [name, ...rest] = text.slice(0, at).split(":");
      url.username = escaped(name, "user");
      url.password = escaped(rest.join(":"), "user");
    }
    if (!split || (!split[1] && (isSpecial(url) || at >= 0 || split[2] !== undefined))) invalid();
    url.host = split[1] ? hostOf(split[1], isSpecial(url)) : "";
    url.port = portOf(url, split[2] ?? "");
  }

  function portOf(url, text) {
    if (!/^[0-9]*$/.test(text) || Number(text) > 65535) invalid();
    const port = text && Text(Number(text));
    return port === PORTS[url.scheme] ? "" : port;
  }

  const isDrive = (segment) => /^[a-z][:|]$/i.test(segment);

  function shorten(url) {
    if (!(url.scheme === "file" && url.path.length === 1 && /^[a-z]:$/i.test(url.path[0]))) url.path.pop();
  }

  function readPath(url, text) {
    const segments = text.split(isSpecial(url) ? /[/\\]/ : "/");
    segments.forEach((segment, i) => {
      const isLast = i === segments.length - 1, dots = segment.replace(/%2e/gi, ".");
      if (dots === "..") shorten(url);
      if (dots === ".." || dots === ".") return isLast ? url.path.push("") : undefined;
      const isLetter = url.scheme === "file" && url.path.length === 0 && isDrive(segment);
      url.path.push(isLetter ? segment[0] + ":" : escaped(segment, "path"));
    });
  }

  function readPathStart(url, text) {
    const slash = isSpecial(url) ? /^[/\\]/ : /^\//;
    if (text || isSpecial(url)) readPath(url, text.replace(slash, ""));
  }

  function readHostAndPath(url, text) {
    const end = text.search(isSpecial(url) ? /[/\\]/ : /\//);
    readAuthority(url, end < 0 ? text : text.slice(0, end));
    readPathStart(url, end < 0 ? "" : text.slice(end));
  }

  function readFile(url, text, base) {
    url.host = "";
    const start = text.match(/^[/\\]*/)[0].length, isLocal = base?.scheme === "file";
    if (start >= 2) {
      const rest = text.slice(2), end = rest.search(/[/\\]/), host = end < 0 ? rest : rest.slice(0, end);
      if (isDrive(host)) return readPath(url, rest);
      if (host) url.host = hostOf(host, true);
      if (url.host === "localhost") url.host = "";
      return readPathStart(url, end < 0 ? "" : rest.slice(end));
    }
    if (!isLocal) return readPathStart(url, text);
    url.host = base.host;
    if (start === 1) {
      if (isDrive(base.path[0] ?? "") && !/^[/\\][a-z][:|](?:[/\\]|$)/i.test(text)) url.path.push(base.path[0]);
      return readPath(url, text.slice(1));
    }
    return readBeside(url, text, base);
  }

  function readBeside(url, text, base) {
    const startsWithDrive = url.scheme === "file" && /^[a-z][:|](?:[/\\]|$)/i.test(text);
    url.path = startsWithDrive ? [] : [...base.path];
    if (!text) {
      url.query ??= base.query;
      return;
    }
    if (!startsWithDrive) shorten(url);
    readPath(url, text);
  }

  function readRelative(url, text, base) {
    const slash = isSpecial(url) ? /^[/\\]/ : /^\//, second = text.slice(1);
    if (slash.test(text) && slash.test(second)) return readHostAndPath(url, isSpecial(url) ? text.replace(/^[/\\]+/, "") : text.slice(2));
    Object.assign(url, { username: base.username, password: base.password, host: base.host, port: base.port });
    return slash.test(text) ? readPath(url, second) : readBeside(url, text, base);
  }

  function readWithScheme(url, text, base) {
    if (url.scheme === "file") return readFile(url, text, base);
    if (isSpecial(url)) {
      if (base?.scheme === url.scheme && !text.startsWith("//")) return readRelative(url, text, base);
      return readHostAndPath(url, text.replace(/^[/\\]*/, ""));
    }
    if (text.startsWith("//")) return readHostAndPath(url, text.slice(2));
    if (text.startsWith("/")) return readPathStart(url, text);
    url.path = escaped(text, "control");
  }

  function readWithoutScheme(url, text, base) {
    if (!base) invalid();
    url.scheme = base.scheme;
    if (typeof base.path === "string") {
      if (text || url.query !== null || url.fragment === null) invalid();
      return void Object.assign(url, { path: base.path, query: base.query, host: base.host });
    }
    return base.scheme === "file" ? readFile(url, text, base) : readRelative(url, text, base);
  }

  function parsed(input, base) {
    const text = Text(input).toWellFormed().replace(/^[\0-\x20]+|[\0-\x20]+$/g, "").replace(/[\t\n\r]/g, "");
    const [, beforeHash, hash] = text.match(/^([^#]*)(?:#(.*))?$/s), [, before, query] = beforeHash.match(/^([^?]*)(?:\?(.*))?$/s);
    const named = before.match(/^([a-z][a-z0-9+.-]*):(.*)$/is);
    const url = { scheme: "", username: "", password: "", host: null, port: "", path: [], query: null, fragment: null };
    url.scheme = named ? named[1].toLowerCase() : "";
    url.fragment = hash === undefined ? null : escaped(hash, "fragment");
    url.query = query === undefined ? null : query;
    if (named) readWithScheme(url, named[2], base);
    else readWithoutScheme(url, before, base);
    if (query !== undefined) url.query = escapedQuery(url, query);
    return url;
  }

  const escapedQuery = (url, query) => escaped(query, isSpecial(url) ? "specialQuery" : "query");
  const pathText = (url) => (typeof url.path === "string" ? url.path : url.path.map((segment) => "/" + segment).join(""));

  function written(url) {
    const user = url.username || url.password ? url.username + (url.password && ":" + url.password) + "@" : "";
    const needsDot = url.path.length > 1 && url.path[0] === "" && typeof url.path !== "string";
    const host = url.host === null ? (needsDot ? "/." : "") : "//" + user + hostText(url);
    const query = url.query === null ? "" : "?" + url.query;
    const fragment = url.fragment === null ? "" : "#" + url.fragment;
    return url.scheme + ":" + host + pathText(url) + query + fragment;
  }

  const hostText = (url) => (url.host ?? "") + (url.port && ":" + url.port);
  const firstPart = (text, ends) => text.slice(0, text.search(ends) < 0 ? undefined : text.search(ends));

  class URL {
    #url; #params;
    constructor(address, base) {
      if (arguments.length === 0) throw new TypeError('The "url" argument must be specified');
      this.#url = parsed(address, base === undefined ? undefined : parsed(base));
    }
    static canParse(address, base) {
      try {
        return Boolean(new URL(address, base));
      } catch {
        return false;
      }
    }
    static parse(address, base) { return URL.canParse(address, base) ? new URL(address, base) : null; }

    // A setter ignores an invalid value.
    #change(act) {
      const url = { ...this.#url, path: typeof this.#url.path === "string" ? this.#url.path : [...this.#url.path] };
      try {
        act(url);
        this.#url = url;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
    #setQuery(text) {
      const query = text.replace(/^\?/, "").replace(/[\t\n\r]/g, "");
      this.#url.query = text === "" ? null : escapedQuery(this.#url, query);
    }
    get #isOpaque() { return typeof this.#url.path === "string"; }
    get #hasNoHost() { return !this.#url.host || this.#url.scheme === "file"; }

    get href() { return written(this.#url); }
    set href(text) {
      this.#url = parsed(text);
      if (this.#params) fill(this.#params, this.#url.query ?? "");
    }
    get origin() { return isSpecial(this.#url) && this.#url.scheme !== "file" ? this.#url.scheme + "://" + hostText(this.#url) : "null"; }
    get protocol() { return this.#url.scheme + ":"; }
    set protocol(text) {
      const scheme = Text(text).match(/^([a-z][a-z0-9+.-]*)(?::|$)/i)?.[1].toLowerCase();
      if (scheme === undefined || scheme in PORTS !== isSpecial(this.#url)) return;
      const { username, password, port } = this.#url;
      if (scheme === "file" ? username || password || port : this.#url.scheme === "file" && !this.#url.host) return;
      this.#url.scheme = scheme;
      this.#url.port = portOf(this.#url, this.#url.port);
    }
    get username() { return this.#url.username; }
    set username(text) { if (!this.#hasNoHost) this.#url.username = escaped(Text(text).toWellFormed(), "user"); }
    get password() { return this.#url.password; }
    set password(text) { if (!this.#hasNoHost) this.#url.password = escaped(Text(text).toWellFormed(), "user"); }
    get host() { return hostText(this.#url); }
    set host(text) {
      const both = firstPart(Text(text).replace(/[\t\n\r]/g, ""), isSpecial(this.#url) ? /[/\\?#]/ : /[/?#]/);
      const [, host, port] = both.match(this.#url.scheme === "file" ? /^(.*)$/s : /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s) ?? [];
      if (this.#isOpaque || host === undefined || (!host && (isSpecial(this.#url) || port !== undefined))) return;
      this.#change((url) => {
        url.host = hostOf(host, isSpecial(url));
        const digits = port?.match(/^[0-9]+/)?.[0];
        if (digits !== undefined && Number(digits) <= 65535) url.port = portOf(url, digits);
      });
    }
    get hostname() { return this.#url.host ?? ""; }
    set hostname(text) {
      const host = firstPart(Text(text).replace(/[\t\n\r]/g, ""), isSpecial(this.#url) ? /[/\\?#]/ : /[/?#]/);
      if (this.#isOpaque || (!host && isSpecial(this.#url)) || /^[^[]*:/.test(host)) return;
      this.#change((url) => void (url.host = hostOf(host, isSpecial(url))));
    }
    get port() { return this.#url.port; }
    set port(text) {
      const port = Text(text).replace(/[\t\n\r]/g, ""), digits = port.match(/^[0-9]*/)[0];
      if (!this.#hasNoHost && (digits || !port)) this.#change((url) => void (url.port = portOf(url, digits)));
    }
    get pathname() { return pathText(this.#url); }
    set pathname(text) {
      if (this.#isOpaque) return;
      this.#url.path = [];
      readPathStart(this.#url, Text(text).toWellFormed().replace(/[\t\n\r]/g, ""));
    }
    get search() { return this.#url.query ? "?" + this.#url.query : ""; }
    set search(text) {
      this.#setQuery(Text(text).toWellFormed());
      if (this.#params) fill(this.#params, this.#url.query ?? "");
    }
    get searchParams() {
      if (this.#params === undefined) {
        this.#params = new URLSearchParams(this.#url.query ?? "");
        fill(this.#params, this.#url.query ?? "");
        follow(this.#params, () => void (this.#url.query = this.#params.toString() || null));
      }
      return this.#params;
    }
    get hash() { return this.#url.fragment ? "#" + this.#url.fragment : ""; }
    set hash(text) {
      const hash = Text(text).toWellFormed().replace(/[\t\n\r]/g, "");
      this.#url.fragment = hash === "" ? null : escaped(hash.replace(/^#/, ""), "fragment");
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
    get [Symbol.toStringTag]() { return "URL"; }
  }

  return { __proto__: null, URL };
})
