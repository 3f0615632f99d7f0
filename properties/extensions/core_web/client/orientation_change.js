'use strict';

/** Starts when the device is turned. */
module.exports = function (settings, trigger) {
  window.addEventListener('orientationchange', (event) => {
    trigger({ element: window, target: window, nativeEvent: event });
  });
};
