'use strict';

const cookie = require('@adobe/reactor-cookie');
const textMatch = require('./text_match.js');

module.exports = function (settings) {
  const value = cookie.get(settings.name);
  return Boolean(value) && settings.cookieValues.some((row) => textMatch(value, row));
};
