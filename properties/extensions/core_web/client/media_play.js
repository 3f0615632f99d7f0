'use strict';

module.exports = require('./listen.js')('play');
