'use strict';

const at = require('./page_load.js');

module.exports = (settings, trigger) => at('bottom', () => trigger());
