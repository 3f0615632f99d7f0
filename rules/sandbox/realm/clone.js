// structuredClone for the values that custom code can have.
// Source: WHATWG, HTML, "StructuredSerializeInternal".
(function (taken) {
  "use strict";
  const ERRORS = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);

  function refuse(value) {
    throw new DOMException((typeof value === "object" ? "This object" : "A " + typeof value) + " could not be cloned.", "DataCloneError");
  }

  // An empty copy of the right kind, or the full copy of a value that holds no other values.
  function shell(value) {
    if (Array.isArray(value)) return new Array(value.length);
    if (value instanceof Date) return new Date(value.getTime());
    if (value instanceof RegExp) return new RegExp(value.source, value.flags);
    if (value instanceof Map) return new Map();
    if (value instanceof Set) return new Set();
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (value instanceof Boolean || value instanceof Number || value instanceof String) return Object(value.valueOf());
    if (value instanceof Error) return Object.create((ERRORS[value.name] ?? Error).prototype);
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) refuse(value);
    return tag(value) === "Symbol" ? refuse(value) : {};
  }

  function fill(copy, value, cloned) {
    if (copy instanceof Map) return value.forEach((item, key) => copy.set(cloned(key), cloned(item)));
    if (copy instanceof Set) return value.forEach((item) => copy.add(cloned(item)));
    if (copy instanceof Error) {
      for (const name of ["message", "stack", "cause"])
        if (Object.hasOwn(value, name) || name === "stack") {
          Object.defineProperty(copy, name, { value: cloned(value[name]), writable: true, configurable: true });
        }
      return;
    }
    if (copy instanceof Date || copy instanceof RegExp || copy instanceof ArrayBuffer) return;
    for (const key of Object.keys(value)) copy[key] = cloned(value[key]);
  }

  function structuredClone(value) {
    if (arguments.length === 0) throw new TypeError("structuredClone needs a value");
    const known = new Map();

    function cloned(each) {
      if (typeof each === "function" || typeof each === "symbol") refuse(each);
      if (typeof each !== "object" || each === null) return each;
      if (known.has(each)) return known.get(each);
      if (ArrayBuffer.isView(each)) return view(each);
      const copy = shell(each);
      known.set(each, copy);
      fill(copy, each, cloned);
      return copy;
    }

    function view(each) {
      const length = each instanceof DataView ? each.byteLength : each.length;
      const copy = new each.constructor(cloned(each.buffer), each.byteOffset, length);
      known.set(each, copy);
      return copy;
    }

    return cloned(value);
  }

  return { __proto__: null, structuredClone };
})
