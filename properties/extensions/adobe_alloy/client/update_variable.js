'use strict';

const copy = require('./copy.js');
const merged = require('./merged.js');
const variables = require('./variables.js');
const without = require('./paths.js');

function cleared(value, transforms) {
  return Object.keys(transforms || {})
    .filter((path) => transforms[path] && transforms[path].clear)
    .reduce(without, value) || {};
}

function analytics(value) {
  return (value.__adobe && value.__adobe.analytics) || {};
}

/** Adobe Analytics lists its events in one text: those of two updates are joined. */
function joinEvents(before, value) {
  const [old, now] = [analytics(before).events, analytics(value).events];
  if (old && now && old !== now) {
    value.__adobe.analytics.events = `${old},${now}`;
  }
}

/** Adobe's server knows Audience Manager in small letters only. */
function lowerAudienceManager(adobe) {
  if (adobe && adobe.audienceManager) {
    adobe.audiencemanager = adobe.audienceManager;
    delete adobe.audienceManager;
  }
}

/**
 * Changes a variable of the page.
 *
 * Source: adobe/reactor-extension-alloy, createUpdateVariable.
 */
module.exports = function (settings, event) {
  const name = variables.nameOf(settings.dataElementId);
  if (name === undefined) {
    throw new Error('The data element to update is no variable.');
  }
  const before = cleared(variables.values[name] || {}, settings.transforms);
  const value = merged(before, copy(settings.data));
  joinEvents(before, value);
  variables.values[name] = value;
  if (settings.customCode) {
    settings.customCode(value, event);
  }
  lowerAudienceManager(value.__adobe);
};
