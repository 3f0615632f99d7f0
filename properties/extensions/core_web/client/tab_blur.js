'use strict';

const visibility = require('./visibility.js');

/** Starts when the tab of the page goes to the background. */
module.exports = (settings, trigger) => visibility(true, trigger);
