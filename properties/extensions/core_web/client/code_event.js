'use strict';

module.exports = (settings, trigger) => settings.source(trigger);
