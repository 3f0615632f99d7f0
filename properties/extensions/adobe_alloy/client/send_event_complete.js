'use strict';

const completions = require('./completions.js');

/** Starts when the server has answered an event of this library. */
module.exports = (settings, trigger) => {
  completions.add(trigger);
};
