// TextEncoder and TextDecoder for UTF-8, the only encoding of events.
// Source: WHATWG, Encoding.
(function (taken) {
  "use strict";
  const { Text } = taken;
  const UTF8 = ["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"];

  function encoded(text) {
    const bytes = [];
    for (const letter of Text(text).toWellFormed()) {
      const code = letter.codePointAt(0);
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return bytes;
  }

  function bytesOf(source) {
    if (source === undefined) return new Uint8Array();
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    throw new TypeError("The input is not an ArrayBuffer or a view of one");
  }

  // Each longest incomplete sequence becomes one U+FFFD.
  function* letters(bytes, wrong) {
    for (let i = 0; i < bytes.length; ) {
      const first = bytes[i++];
      if (first < 0x80) { yield first; continue; }
      const needed = first >= 0xc2 && first <= 0xdf ? 1 : (first & 0xf0) === 0xe0 ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0;
      let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80, high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
      let code = first & (0x3f >> needed), left = needed;
      for (; left > 0 && bytes[i] >= low && bytes[i] <= high; left--, low = 0x80, high = 0xbf) code = (code << 6) | (bytes[i++] & 63);
      yield needed === 0 || left > 0 ? wrong() : code;
    }
  }

  class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(text = "") { return new Uint8Array(encoded(text)); }
    encodeInto(source, target) {
      let read = 0, written = 0;
      for (const letter of Text(source).toWellFormed()) {
        const bytes = encoded(letter);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        read += letter.length;
        written += bytes.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    #fatal; #keepsMark;
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      if (!UTF8.includes(Text(label).trim().toLowerCase())) {
        throw new RangeError('The encoding "' + label + '" is not available here: only UTF-8 is');
      }
      this.#fatal = Boolean(fatal);
      this.#keepsMark = Boolean(ignoreBOM);
    }
    get encoding() { return "utf-8"; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#keepsMark; }
    decode(source, { stream = false } = {}) {
      if (stream) throw new TypeError("Decoding in several parts is not available here");
      const wrong = () => {
        if (this.#fatal) throw new TypeError("The encoded data was not valid for encoding utf-8");
        return 0xfffd;
      };
      let text = "";
      for (const code of letters(bytesOf(source), wrong)) text += String.fromCodePoint(code);
      return !this.#keepsMark && text[0] === "\ufeff" ? text.slice(1) : text;
    }
  }

  return { __proto__: null, TextEncoder, TextDecoder, bytesOf };
})
