// utils and getDataElementValue, as Adobe's engine provides them to custom code.
(function (taken) {
  "use strict";
  const { parse, stringify, apply, slice, Text, Failure, hasOwn, current } = taken;
  const MOST_LOGS = 50, LONGEST_LOG = 500;
  const cut = (text) => (text.length > LONGEST_LOG ? apply(slice, text, [0, LONGEST_LOG]) + "…" : text);

  function shown(value) {
    try {
      if (typeof value === "string") return value;
      return (typeof value === "object" && stringify(value)) || Text(value);
    } catch {
      return "[a value that cannot be shown]";
    }
  }

  function log(level, values) {
    const piece = current();
    piece.logCount ??= 0;
    if (piece.logCount >= MOST_LOGS) return;
    let text = "";
    for (let i = 0; i < values.length && text.length < LONGEST_LOG; i++) text += (i ? " " : "") + shown(values[i]);
    piece.logs += (piece.logCount++ ? "," : "") + '["' + level + '",' + stringify(cut(text)) + "]";
  }

  // A value that is not known yet ends this run; the piece runs again once it is known.
  function element(name) {
    const piece = current(), key = Text(name);
    const known = (piece.known ??= parse(piece.elements));
    if (!hasOwn(known, key)) {
      piece.missing ??= stringify(key);
      throw new Failure("The value of a data element is not here yet.");
    }
    const answer = known[key];
    if (answer[0] === "+") return parse(apply(slice, answer, [1]));
    piece.failedElement = key;
    throw (piece.elementError = new Failure("The data element " + stringify(key) + " has no value: it failed."));
  }

  const level = (name) => (...values) => log(name, values);
  const logger = { log: level("log"), info: level("info"), warn: level("warn"), error: level("error"), debug: level("debug") };

  function refuse() {
    throw new Failure("Custom code cannot send requests. Use an action such as Make Fetch Call.");
  }

  function utils() {
    const piece = current();
    const fact = (name) => () => parse(piece.facts)[name];
    return (piece.utils ??= {
      getSettings: fact("settings"), getExtensionSettings: fact("extensionSettings"), getRule: fact("rule"),
      getComponent: fact("component"), getBuildInfo: fact("buildInfo"), getEnv: () => ({}),
      logger, fetch: refuse, mtlsFetch: refuse,
    });
  }

  return { __proto__: null, element, utils, console: { ...logger } };
})
