'use strict';

const fits = require('./element_match.js');

/** Returns the elements of the page that fit a selector and the rows of properties; none for a bad selector. */
module.exports = function (settings) {
  try {
    return [...document.querySelectorAll(settings.elementSelector)].filter((it) => fits(it, settings));
  } catch (error) {
    turbine.logger.warn(`“${settings.elementSelector}” is not a selector. It finds nothing.`);
    return [];
  }
};
