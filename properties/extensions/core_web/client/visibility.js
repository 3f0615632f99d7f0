'use strict';

/** Calls `trigger` whenever the page gets hidden, or visible. */
module.exports = function (hidden, trigger) {
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.hidden === hidden) {
        trigger();
      }
    },
    true
  );
};
