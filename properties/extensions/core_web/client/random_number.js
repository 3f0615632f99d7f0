'use strict';

/** A whole number from `min` to `max`, both included; another one at each reading. */
module.exports = function (settings) {
  const least = Math.ceil(Number(settings.min));
  const most = Math.floor(Number(settings.max));
  return least <= most ? least + Math.floor(Math.random() * (most - least + 1)) : undefined;
};
