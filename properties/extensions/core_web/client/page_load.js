'use strict';

// The steps of a page in the order that rules can rely on, whenever and however the library was loaded.
const STEPS = ['bottom', 'ready', 'loaded'];
const waiting = { bottom: [], ready: [], loaded: [] };
let isWatching = false;

/** Starts the rules of a step and of those before it, each once. */
function reach(step, nativeEvent) {
  STEPS.slice(0, STEPS.indexOf(step) + 1).forEach((each) => {
    waiting[each].splice(0).forEach((start) => start(nativeEvent));
  });
}

function reachWhatIsOver() {
  if (document.readyState !== 'loading') {
    reach(document.readyState === 'complete' ? 'loaded' : 'ready');
  }
}

function watch() {
  isWatching = true;
  if (typeof _satellite !== 'undefined') {
    _satellite.pageBottom = () => reach('bottom');
  }
  document.addEventListener('DOMContentLoaded', (event) => reach('ready', event), true);
  window.addEventListener('load', (event) => reach('loaded', event), true);
  // In the next task: rules of Library Loaded come first.
  setTimeout(reachWhatIsOver, 0);
}

/**
 * Calls `start(nativeEvent)` when the page has reached a step.
 *
 * Source: adobe/reactor-extension-core, pageLifecycleEvents.
 *
 * @param {string} step `bottom`, `ready` or `loaded`.
 */
module.exports = function (step, start) {
  if (!isWatching) {
    watch();
  }
  waiting[step].push(start);
};
