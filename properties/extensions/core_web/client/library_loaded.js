'use strict';

module.exports = (settings, trigger) => trigger();
