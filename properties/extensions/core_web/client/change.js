'use strict';

const listen = require('./listen.js');
const textMatch = require('./text_match.js');

function accepts(settings, found) {
  const rows = settings.acceptableChangeValues || [];
  return !rows.length || rows.some((row) => textMatch(found.target.value, row));
}

module.exports = listen('change', { accepts });
