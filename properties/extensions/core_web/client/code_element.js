'use strict';

module.exports = (settings, event) => settings.source(event);
