'use strict';

const completions = require('./completions.js');
const copy = require('./copy.js');
const instance = require('./instance.js');

function optionsOf(settings) {
  const { type, mergeId, documentUnloading } = settings;
  const options = { type, mergeId, xdm: copy(settings.xdm), data: copy(settings.data) };
  if (documentUnloading === true) {
    options.documentUnloading = true;
  }
  return Object.keys(options)
    .filter((key) => options[key] !== undefined && options[key] !== '')
    .reduce((kept, key) => ({ ...kept, [key]: options[key] }), {});
}

/** Sends an event. Its promise ends with the answer, and never fails. */
module.exports = function (settings) {
  return instance.run('sendEvent', optionsOf(settings)).then((result) => {
    if (result) {
      completions.tell(result);
    }
    return result;
  });
};
