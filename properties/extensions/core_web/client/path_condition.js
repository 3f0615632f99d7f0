'use strict';

const textMatch = require('./text_match.js');

module.exports = (settings) => settings.paths.some((row) => textMatch(window.location.pathname, row));
