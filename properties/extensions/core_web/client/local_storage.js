'use strict';

const read = require('./storage.js');

module.exports = (settings) => read('localStorage', settings.name);
