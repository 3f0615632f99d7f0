'use strict';

const copy = require('./copy.js');

module.exports = (settings) => copy(settings.data);
