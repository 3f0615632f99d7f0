'use strict';

const valuesOf = require('./query_parameters.js');

module.exports = (settings) => valuesOf(settings.name, settings.caseInsensitive === true)[0];
