'use strict';

const at = require('./page_load.js');

module.exports = (settings, trigger) =>
  at('ready', (nativeEvent) => trigger({ element: document, target: document, nativeEvent }));
