'use strict';

const dataLayer = require('./data_layer.js');
const eventIds = require('./event_ids.js');
const pixel = require('./pixel.js');
const staleData = require('./stale_data.js');

function hex(byte) {
  return byte.toString(16).padStart(2, '0');
}

/** Returns a random UUID, also on a page without https. */
function newId() {
  if (crypto.randomUUID) {
    return crypto.randomUUID();
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map(hex).join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function write(path, id) {
  const layer = dataLayer.make(path);
  if (!dataLayer.isObject(layer)) {
    turbine.logger.warn(`The page has no object at ${path}. The event ID is known to this rule alone.`);
    return;
  }
  layer.conversionData = { ...layer.conversionData, eventId: id };
  staleData.check(path, layer);
}

/** Makes an event ID for this run of the rule, and writes it to `conversionData.eventId` of the data layer. */
module.exports = function (settings, event) {
  try {
    pixel.prepare();
    const id = newId();
    eventIds.remember(event, id);
    write(settings.dataLayerPath || pixel.settings().dataLayerPath || 'window.dataLayer.meta', id);
  } catch (error) {
    turbine.logger.error('The event ID could not be written.', error);
  }
};
