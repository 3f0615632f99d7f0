'use strict';

const marks = [];
let passed = 0;
let shownAt = null;
let timers = [];

function visibleTime() {
  return passed + (shownAt === null ? 0 : performance.now() - shownAt);
}

function arm(mark) {
  timers.push(
    setTimeout(() => {
      marks.splice(marks.indexOf(mark), 1);
      mark.trigger({ timeOnPage: mark.seconds });
    }, Math.max(0, mark.seconds * 1000 - visibleTime()))
  );
}

function show() {
  shownAt = performance.now();
  marks.forEach(arm);
}

function hide() {
  passed = visibleTime();
  shownAt = null;
  timers.forEach(clearTimeout);
  timers = [];
}

function watch() {
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && shownAt !== null) {
      hide();
    } else if (!document.hidden && shownAt === null) {
      show();
    }
  });
  shownAt = document.hidden ? null : performance.now();
}

/** Starts when the page has been visible for a number of seconds. */
module.exports = function (settings, trigger) {
  const mark = { seconds: Number(settings.timeOnPage), trigger };
  if (!(mark.seconds > 0)) {
    turbine.logger.warn(`“${settings.timeOnPage}” is not a number of seconds.`);
    return;
  }
  if (!marks.length && shownAt === null && !passed) {
    watch();
  }
  marks.push(mark);
  if (shownAt !== null) {
    arm(mark);
  }
};
