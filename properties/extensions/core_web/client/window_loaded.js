'use strict';

const at = require('./page_load.js');

module.exports = (settings, trigger) =>
  at('loaded', (nativeEvent) => trigger({ element: window, target: window, nativeEvent }));
