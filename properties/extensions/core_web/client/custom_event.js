'use strict';

const listen = require('./listen.js');

const modules = new Map();

/** Starts when the page dispatches an event of this type; its `detail` is `event.detail` of the rule. */
module.exports = function (settings, trigger) {
  const type = String(settings.type);
  if (!modules.has(type)) {
    modules.set(type, listen(type, { target: window, add: (event) => ({ detail: event.detail }) }));
  }
  modules.get(type)(settings, trigger);
};
