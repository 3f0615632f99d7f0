'use strict';

const eventIds = require('./event_ids.js');
const filled = require('./filled.js');
const pixel = require('./pixel.js');

const STANDARD = [
  ...['AddPaymentInfo', 'AddToCart', 'AddToWishlist', 'CompleteRegistration', 'Contact', 'CustomizeProduct'],
  ...['Donate', 'FindLocation', 'InitiateCheckout', 'Lead', 'PageView', 'Purchase', 'Schedule', 'Search'],
  ...['StartTrial', 'SubmitApplication', 'Subscribe', 'ViewContent'],
];

function command(pixelId, settings, event) {
  const name = String(settings.eventName).trim();
  const id = settings.eventId || eventIds.of(event);
  const verb = STANDARD.includes(name) ? 'trackSingle' : 'trackSingleCustom';
  const parts = [verb, pixelId, name, filled(settings.parameters)];
  return id ? [...parts, { eventID: String(id) }] : parts;
}

/** Sends an event to this extension's pixel alone: other teams may have pixels on the page. */
module.exports = function (settings, event) {
  try {
    const pixelId = String(pixel.settings().pixelId || '').trim();
    if (!pixelId || !settings.eventName) {
      turbine.logger.error('An event without Pixel ID or name cannot be sent.');
      return;
    }
    pixel.send(command(pixelId, settings, event));
  } catch (error) {
    turbine.logger.error('The event could not be sent.', error);
  }
};
