'use strict';

const walk = require('./walk.js');

/** Returns the element where an event began, also inside open shadow roots. */
function startOf(event) {
  return (event.composedPath && event.composedPath()[0]) || event.target;
}

const waiting = [];

/** Starts what waits for the page's own handlers: in the next task, at the latest while the page is left. */
function startWaiting() {
  waiting.splice(0).forEach((run) => run());
}

function start(rule, found) {
  const run = () => rule.trigger(found);
  if (rule.settings.afterPage) {
    waiting.push(run);
    setTimeout(startWaiting, 0);
  } else {
    run();
  }
}

/**
 * Returns the module of a kind of event. It has one listener, in the capture phase: no handler of the page can
 * hide an event from it.
 *
 * @param {string} type Such as `click`.
 * @param {object} options `target`: the document, unless given; `add(event)`: more for the rule's event;
 *   `accepts(settings, found)`: whether the rule starts; `before(settings, event)`: called before it starts.
 */
module.exports = function (type, options) {
  const { target = document, add = () => ({}), accepts = () => true, before = () => {} } = options || {};
  const rules = [];

  function onEvent(event) {
    const origin = startOf(event);
    const runs = rules.map((rule) => ({
      settings: rule.settings,
      run(element) {
        const found = { element, target: origin, nativeEvent: event, ...add(event) };
        if (!accepts(rule.settings, found)) {
          return false;
        }
        before(rule.settings, event);
        start(rule, found);
        return true;
      },
    }));
    walk(runs, origin);
  }

  function onEventSafely(event) {
    try {
      onEvent(event);
    } catch (error) {
      turbine.logger.error(`The event “${type}” could not start its rules.`, error);
    }
  }

  return function (settings, trigger) {
    if (!rules.length) {
      target.addEventListener(type, onEventSafely, true);
      window.addEventListener('pagehide', startWaiting);
    }
    rules.push({ settings, trigger });
  };
};
