'use strict';

const valuesOf = require('./query_parameters.js');
const textMatch = require('./text_match.js');

module.exports = (settings) =>
  valuesOf(settings.name).some((value) => settings.queryParams.some((row) => textMatch(value, row)));
