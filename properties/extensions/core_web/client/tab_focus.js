'use strict';

const visibility = require('./visibility.js');

/** Starts when the tab of the page comes to the front. */
module.exports = (settings, trigger) => visibility(false, trigger);
