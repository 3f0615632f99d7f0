'use strict';

module.exports = (settings) => settings.value;
