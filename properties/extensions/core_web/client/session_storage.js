'use strict';

const read = require('./storage.js');

module.exports = (settings) => read('sessionStorage', settings.name);
