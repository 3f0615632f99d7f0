'use strict';

const walk = require('./walk.js');

const rules = [];

/** Calls `run` once the pointer has stayed on the element for `delay` milliseconds. */
function afterDelay(element, delay, run) {
  if (!(delay > 0)) {
    run();
    return;
  }
  const timer = setTimeout(run, delay);
  element.addEventListener('mouseleave', () => clearTimeout(timer), { once: true });
}

function enter(event) {
  const isEntered = (node) => !(event.relatedTarget instanceof Node) || !node.contains(event.relatedTarget);
  const next = (node) => (node.parentElement && isEntered(node.parentElement) ? node.parentElement : null);
  const runs = rules.map(({ settings, trigger }) => ({
    // Each element is entered by itself, so a parent counts like a target.
    settings: { ...settings, bubbleFireIfParent: true },
    run(element) {
      const delay = Number(settings.delay) || 0;
      afterDelay(element, delay, () => trigger({ element, target: element, delay }));
    },
  }));
  if (event.target instanceof Element && isEntered(event.target)) {
    walk(runs, event.target, next);
  }
}

function enterSafely(event) {
  try {
    enter(event);
  } catch (error) {
    turbine.logger.error('The event “hover” could not start its rules.', error);
  }
}

/** Starts when the pointer comes onto an element and stays there. */
module.exports = function (settings, trigger) {
  if (!rules.length) {
    document.addEventListener('mouseover', enterSafely, true);
  }
  rules.push({ settings, trigger });
};
