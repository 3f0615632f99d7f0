'use strict';

const rules = new Map();

function track(identifier, detail) {
  const name = String(identifier).trim();
  const triggers = rules.get(name);
  if (!triggers) {
    turbine.logger.log(`No rule has the direct call “${name}”.`);
    return;
  }
  triggers.forEach((trigger) => trigger({ identifier: name, detail }));
}

/** Starts when the page, or the action Trigger Direct Call, calls `track(identifier, detail)`. */
module.exports = function (settings, trigger) {
  const name = String(settings.identifier).trim();
  if (typeof _satellite !== 'undefined') {
    _satellite.track = track;
  }
  rules.set(name, [...(rules.get(name) || []), trigger]);
};
