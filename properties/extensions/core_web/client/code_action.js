'use strict';

/** Logs an error of a person's code. The later actions of the rule still run, as with Adobe. */
function report(event, error) {
  const rule = event.$rule ? event.$rule.name : '';
  turbine.logger.error(`The custom code of the rule “${rule}” failed.`, error);
}

/** Runs the code; a promise that it returns can be waited for. */
module.exports = function (settings, event) {
  try {
    const result = settings.source.call(event.element, event, event.target, Promise);
    if (result && typeof result.then === 'function') {
      // Nobody else may be waiting; the page's own error tracker need not hear of it.
      result.then(undefined, (error) => report(event, error));
    }
    return result;
  } catch (error) {
    report(event, error);
    return undefined;
  }
};
