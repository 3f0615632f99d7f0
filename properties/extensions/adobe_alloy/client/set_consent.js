'use strict';

const copy = require('./copy.js');
const generalOf = require('./consent_value.js');
const instance = require('./instance.js');

/** Stores the visitor's decision, and tells other extensions. */
module.exports = function (settings) {
  const options = { consent: copy(settings.consent) };
  if (settings.identityMap) {
    options.identityMap = copy(settings.identityMap);
  }
  const general = generalOf(options.consent);
  try {
    if (general) {
      instance.decide(general);
    }
  } catch (error) {
    turbine.logger.error('The decision could not be announced.', error);
  }
  return instance.run('setConsent', options);
};
