'use strict';

const cookie = require('@adobe/reactor-cookie');

module.exports = (settings) => cookie.get(settings.name);
