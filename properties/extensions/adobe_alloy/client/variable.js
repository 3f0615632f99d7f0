'use strict';

const variables = require('./variables.js');

/** Gives the object that “Update variable” has made on this page; an empty one before. */
module.exports = (settings) => variables.read(settings.dataElementName);
