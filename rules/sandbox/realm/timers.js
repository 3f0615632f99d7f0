// Timers for code that waits. No time really passes: if nothing else is left to run, the next timer is due at once.
(function (taken) {
  "use strict";
  const { current, Text } = taken;
  const MOST_MILLISECONDS = 2147483647;
  let last = 0;

  // Timers run only while the result is awaited: later ones cannot change it.
  const timersOf = (piece) => (piece.timers ??= { __proto__: null, now: 0, waiting: [] });

  function add(call, milliseconds, given, every) {
    if (typeof call !== "function") throw new TypeError("A timer needs a function, not " + Text(call));
    const timers = timersOf(current()), wait = +milliseconds;
    const delay = wait >= 1 && wait <= MOST_MILLISECONDS ? wait | 0 : 1;
    timers.waiting.push({ __proto__: null, id: ++last, at: timers.now + delay, delay, call, given, every });
    return last;
  }

  function remove(id) {
    const timers = timersOf(current()), at = timers.waiting.findIndex((each) => each.id === +id);
    if (at >= 0) timers.waiting.splice(at, 1);
  }

  function runNext(piece) {
    const timers = timersOf(piece);
    const next = timers.waiting.reduce((first, each) => (each.at < first.at ? each : first));
    timers.now = next.at;
    if (next.every) next.at += next.delay;
    else remove(next.id);
    next.call(...next.given);
  }

  return {
    __proto__: null, runNext,
    setTimeout: (act, milliseconds, ...given) => add(act, milliseconds, given, false),
    setInterval: (act, milliseconds, ...given) => add(act, milliseconds, given, true),
    setImmediate: (act, ...given) => add(act, 0, given, false),
    clearTimeout: remove, clearInterval: remove, clearImmediate: remove,
  };
})
