// The text of an error. Anything may have been thrown, and it may try to stop us from reading it.
(function (taken) {
  "use strict";
  const { stringify, apply, slice, Text, stackOf, current } = taken;
  const LONGEST_TEXT = 500, LONGEST_STACK = 2000;
  const cut = (text, length) => (text.length > length ? apply(slice, text, [0, length]) + "…" : text);

  function textOf(error) {
    try {
      if (typeof error !== "object" || error === null) return Text(error);
      const name = error.name, message = error.message;
      if (typeof message !== "string" || !message) return Text(error);
      return typeof name === "string" && name ? name + ": " + message : message;
    } catch {
      return "Error: the thrown value cannot be shown";
    }
  }

  function stackText(error) {
    try {
      const stack = apply(stackOf, error, []);
      return typeof stack === "string" ? stack : "";
    } catch {
      return "";
    }
  }

  const note = (kind, text, stack) =>
    '{"kind":"' + kind + '","text":' + stringify(cut(text, LONGEST_TEXT)) + ',"stack":' + stringify(cut(stack, LONGEST_STACK)) + "}";

  // Report the first error.
  function keep(piece, kind, error) {
    piece.error ??= note(kind, kind === "element" ? piece.failedElement : textOf(error), stackText(error));
  }

  // The engine throws null if memory is too full for an error object.
  function kindOf(piece, error) {
    if (error === undefined) return "nothing";
    if (error === null) return "memory";
    return error === piece.elementError ? "element" : "thrown";
  }

  return {
    __proto__: null,
    thrown: (piece, error) => keep(piece, kindOf(piece, error), error),
    result: (error) => keep(current(), error === null ? "memory" : "result", error),
    plain: (kind, text) => void (current().error ??= note(kind, text, "")),
  };
})
