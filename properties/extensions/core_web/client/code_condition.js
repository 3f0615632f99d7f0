'use strict';

module.exports = (settings, event) => settings.source.call(event.element, event, event.target);
