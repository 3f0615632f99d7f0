'use strict';

const dataLayer = require('./data_layer.js');
const eventIds = require('./event_ids.js');
const pixel = require('./pixel.js');

/** Returns the event ID that this run of the rule has made, else the one in the data layer. */
module.exports = function (settings, event) {
  const path = settings.dataLayerPath || pixel.settings().dataLayerPath;
  const layer = dataLayer.read(path);
  const written = dataLayer.isObject(layer) && layer.conversionData ? layer.conversionData.eventId : undefined;
  return eventIds.of(event) || written;
};
