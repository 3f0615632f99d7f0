'use strict';

// One zoom has many steps. It is over when nothing has changed for a second, as with Adobe.
const STILL = 1000;

/** Starts when somebody has zoomed the page by fingers. */
module.exports = function (settings, trigger) {
  const view = window.visualViewport;
  if (!view) {
    return;
  }
  let last = view.scale;
  let fingers = 0;
  let timer;
  const over = () => {
    if (view.scale !== last) {
      last = view.scale;
      trigger({ method: fingers > 1 ? 'pinch' : 'double tap', zoom: last.toFixed(2) });
    }
    fingers = 0;
  };
  const count = (event) => {
    fingers = Math.max(fingers, event.touches.length);
  };
  document.addEventListener('touchstart', count, { capture: true, passive: true });
  view.addEventListener('resize', () => {
    clearTimeout(timer);
    timer = setTimeout(over, STILL);
  });
};
