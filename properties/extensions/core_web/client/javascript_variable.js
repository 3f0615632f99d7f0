'use strict';

/** Reads a path such as `dataLayer.cart.value` or `dataLayer[0].id` from window. */
module.exports = function (settings) {
  const keys = String(settings.path).replace(/\[(\d+)\]/g, '.$1').split('.');
  return keys.reduce((value, key) => (value === undefined || value === null ? undefined : value[key]), window);
};
