// crypto.randomUUID, getRandomValues and subtle.digest. Random values come from the event, as with Math.random.
// Source: W3C, Web Cryptography API; NIST, FIPS 180-4.
(function (taken) {
  "use strict";
  const { part, Text } = taken;
  const MOST_BYTES = 65536;
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  function fail(message, name) {
    throw new DOMException(message, name);
  }

  function getRandomValues(view) {
    if (!ArrayBuffer.isView(view) || view instanceof Float32Array || view instanceof Float64Array || view instanceof DataView)
      fail("getRandomValues fills typed arrays of integers", "TypeMismatchError");
    if (view.byteLength > MOST_BYTES) fail("getRandomValues fills at most 65536 bytes", "QuotaExceededError");
    const bytes = part("text_coding").bytesOf(view), chance = part("chance");
    for (let i = 0; i < bytes.length; i++) bytes[i] = chance() * 256;
    return view;
  }

  function randomUUID() {
    const bytes = getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // The first bits of the fractional parts of roots of primes. BigInt, because floats have too few bits for SHA-512.
  function primes(count) {
    const found = [];
    for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime)) found.push(n);
    return found;
  }

  function root(value, degree) {
    let low = 0n, high = 1n << 80n;
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** degree <= value) low = middle;
      else high = middle;
    }
    return low;
  }

  const fraction = (prime, degree, bits) => BigInt.asUintN(bits, root(BigInt(prime) << (BigInt(bits) * degree), degree));

  function padded(bytes, block) {
    const lengthBytes = block / 8, size = Math.ceil((bytes.length + 1 + lengthBytes) / block) * block;
    const all = new Uint8Array(size);
    all.set(bytes);
    all[bytes.length] = 0x80;
    new DataView(all.buffer).setBigUint64(size - 8, BigInt(bytes.length) * 8n);
    return new DataView(all.buffer);
  }

  function sha1(bytes) {
    const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0], view = padded(bytes, 64), w = new Uint32Array(80);
    const turned = (x, n) => (x << n) | (x >>> (32 - n));
    for (let at = 0; at < view.byteLength; at += 64) {
      for (let i = 0; i < 80; i++) w[i] = i < 16 ? view.getUint32(at + i * 4) : turned(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
      let [a, b, c, d, e] = state;
      for (let i = 0; i < 80; i++) {
        const f = i < 20 ? (b & c) | (~b & d) : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        const k = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][(i / 20) | 0];
        [a, b, c, d, e] = [(turned(a, 5) + f + e + k + w[i]) | 0, a, turned(b, 30), c, d];
      }
      [a, b, c, d, e].forEach((value, i) => (state[i] = (state[i] + value) >>> 0));
    }
    return state.map((word) => word.toString(16).padStart(8, "0")).join("");
  }

  const tables = { __proto__: null };
  const words = (count, degree) => primes(count).map((prime) => Number(fraction(prime, degree, 32)));

  function sha256(bytes) {
    const { k, start } = (tables.sha256 ??= { k: words(64, 3n), start: words(8, 2n) });
    const state = [...start], view = padded(bytes, 64), w = new Int32Array(64);
    const turned = (x, n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < view.byteLength; at += 64) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) { w[i] = view.getInt32(at + i * 4); continue; }
        const x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)) + w[i - 7] + (turned(y, 17) ^ turned(y, 19) ^ (y >>> 10));
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = (state[i] + value) >>> 0));
    }
    return state.map((word) => word.toString(16).padStart(8, "0")).join("");
  }

  function sha512(bytes, start) {
    const k = (tables.sha512 ??= primes(80).map((prime) => fraction(prime, 3n, 64)));
    const state = [...start], view = padded(bytes, 128), w = new Array(80), word = (x) => BigInt.asUintN(64, x);
    const turned = (x, n) => (x >> n) | word(x << (64n - n));
    for (let at = 0; at < view.byteLength; at += 128) {
      for (let i = 0; i < 80; i++) {
        if (i < 16) { w[i] = view.getBigUint64(at + i * 8); continue; }
        const x = w[i - 15], y = w[i - 2];
        w[i] = word(w[i - 16] + (turned(x, 1n) ^ turned(x, 8n) ^ (x >> 7n)) + w[i - 7] + (turned(y, 19n) ^ turned(y, 61n) ^ (y >> 6n)));
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 80; i++) {
        const one = h + (turned(e, 14n) ^ turned(e, 18n) ^ turned(e, 41n)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
        const two = (turned(a, 28n) ^ turned(a, 34n) ^ turned(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g; g = f; f = e; e = word(d + one); d = c; c = b; b = a; a = word(one + two);
      }
      [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = word(state[i] + value)));
    }
    return state.map((each) => each.toString(16).padStart(16, "0")).join("");
  }

  const starts512 = () => primes(8).map((prime) => fraction(prime, 2n, 64));
  const starts384 = () => primes(16).slice(8).map((prime) => fraction(prime, 2n, 64));
  const DIGESTS = {
    __proto__: null, "SHA-1": sha1, "SHA-256": sha256,
    "SHA-384": (bytes) => sha512(bytes, starts384()).slice(0, 96), "SHA-512": (bytes) => sha512(bytes, starts512()),
  };

  async function digest(algorithm, data) {
    const name = Text(typeof algorithm === "object" ? algorithm?.name : algorithm).toUpperCase();
    if (!(name in DIGESTS)) fail("Unrecognized algorithm name: SHA-1, SHA-256, SHA-384 and SHA-512 are available", "NotSupportedError");
    return Uint8Array.fromHex(DIGESTS[name](part("text_coding").bytesOf(data))).buffer;
  }

  return { __proto__: null, crypto: { getRandomValues, randomUUID, subtle: { digest } } };
})
