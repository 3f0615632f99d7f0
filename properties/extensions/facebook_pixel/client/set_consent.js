'use strict';

const pixel = require('./pixel.js');

module.exports = function (settings) {
  try {
    pixel.decide(settings.general);
  } catch (error) {
    turbine.logger.error('The Pixel could not take the decision.', error);
  }
};
