'use strict';

const isMet = require('./comparison.js');

module.exports = (settings) => (isMet(settings) ? settings.conditionalValue : settings.fallbackValue);
