// The environment of a piece of custom code. Code may replace anything that it can reach, so this file first saves
// the built-ins that it needs later. Parsing this text is most of the cost of a fresh realm: the other files of this
// folder hold the parts that few pieces need, and each is loaded when it is first used.
(function () {
  "use strict";
  const world = globalThis, evaluate = eval, LARGEST = 65536;
  const { parse, stringify } = JSON, { apply, ownKeys } = Reflect, { slice } = String.prototype;
  const { defineProperty, hasOwn } = Object, View = Proxy;
  const taken = {
    __proto__: null, world, part, parse, stringify, apply, ownKeys, hasOwn, defineProperty, current: () => piece,
    construct: Reflect.construct, slice, Text: String, Pledge: Promise, then: Promise.prototype.then,
    Moment: Date, dateText: Date.prototype.toString, Failure: Error,
    stackOf: Object.getOwnPropertyDescriptor(Error.prototype, "stack").get,
  };
  const parts = { __proto__: null }, originals = { __proto__: null };
  let piece = null, texts = "";

  function part(name) {
    return (parts[name] ??= evaluate(parse(texts)[name])(taken));
  }

  delete world.performance;
  // Each of these is loaded from its part when a piece first names it.
  const offered = {
    __proto__: null, Date: "date", console: "utils", structuredClone: "clone", crypto: "crypto", Intl: "numbers", URL: "url",
    URLSearchParams: "search_params", TextEncoder: "text_coding", TextDecoder: "text_coding",
    setTimeout: "timers", setInterval: "timers", setImmediate: "timers",
    clearTimeout: "timers", clearInterval: "timers", clearImmediate: "timers",
  };
  for (const name in offered) {
    const set = (value) => (defineProperty(world, name, { __proto__: null, value, writable: true, configurable: true }), value);
    defineProperty(world, name, { __proto__: null, get: () => set(part(offered[name])[name]), set, configurable: true });
  }
  defineProperty(world, "getDataElementValue", { __proto__: null, value: (name) => part("utils").element(name) });
  Math.random = () => part("chance")();
  Number.prototype.toLocaleString = function (locales, options) {
    return part("numbers").toLocaleString(this, locales, options);
  };

  // The parts of arc are parsed when they are first read: most code reads one of them.
  function addPart(arc, read, name, text) {
    const set = (value) => {
      read[name] = text;
      defineProperty(arc, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
      return value;
    };
    defineProperty(arc, name, { __proto__: null, get: () => set(parse(text)), set, enumerable: true, configurable: true });
  }

  function run(code, facts, elements, event, request, ruleStash) {
    const arc = {}, read = { __proto__: null };
    addPart(arc, read, "event", event);
    addPart(arc, read, "request", request);
    addPart(arc, read, "ruleStash", ruleStash);
    piece = {
      __proto__: null, arc, read, facts, elements, logs: "", value: undefined, error: null, pending: false, missing: null,
    };
    const utils = new View({}, { __proto__: null, get: (_, name) => part("utils").utils()[name] });
    try {
      const value = (piece.value = code(arc, utils));
      if (typeof value === "object" && value !== null && typeof value.then === "function") part("promises")(value);
    } catch (error) {
      part("errors").thrown(piece, error);
    }
  }

  function sized(text, what) {
    if (text.length > LARGEST) part("errors").plain("size", what);
    return text;
  }

  function valueText(kind) {
    const { value } = piece, type = typeof value;
    if (kind === "condition" && type !== "boolean") part("errors").plain("boolean", type);
    if (type === "function" || type === "symbol" || type === "bigint") part("errors").plain("value", type);
    return piece.error === null ? sized(stringify(value) ?? "null", "The result") : "";
  }

  function runTimer() {
    try {
      part("timers").runNext(piece);
    } catch (error) {
      piece.pending = false;
      part("errors").thrown(piece, error);
    }
    return "";
  }

  // The JSON of an unchanged part. Most pieces of one event get the same parts.
  function canonical(name, text) {
    const last = originals[name];
    if (last !== undefined && last.text === text) return last.canonical;
    return (originals[name] = { __proto__: null, text, canonical: stringify(parse(text)) }).canonical;
  }

  function changeText(name) {
    const text = stringify(piece.arc[name]);
    if (text === canonical(name, piece.read[name])) return "";
    if (typeof text !== "string" || text[0] !== "{") part("errors").plain("part", "arc." + name);
    return ',"' + name + '":' + sized(text ?? "", "arc." + name);
  }

  // "" while the result is awaited and a timer has just run: the jobs that it queued come first.
  function take(kind) {
    let text = "";
    if (piece.pending && piece.missing === null && piece.timers?.waiting.length) return runTimer();
    if (piece.missing !== null) return apply(slice, '{"missing":' + piece.missing + ',"logs":[]}', [0]);
    try {
      if (piece.pending) part("errors").plain("pending", "");
      if (piece.error === null) text = '"value":' + valueText(kind);
      if (kind !== "dataElement") for (const name in piece.read) text += changeText(name);
    } catch (error) {
      part("errors").result(error);
    }
    const answer = "{" + (piece.error === null ? text : '"error":' + piece.error) + ',"logs":[' + piece.logs + "]}";
    return apply(slice, answer, [0]); // One flat string: a rope of long texts cannot leave the engine.
  }

  return (name, ...given) => {
    if (name === "run") return apply(run, undefined, given);
    if (name === "take") return take(given[0]);
    if (name === "learn") return void (texts = given[0]);
    return part(name)();
  };
})()
