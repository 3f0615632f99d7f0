'use strict';

/** Returns a copy of data, so that later changes of the page reach nothing that waits; undefined for what is no data. */
module.exports = function (value) {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    turbine.logger.error('Data that refers to itself cannot be sent.', error);
    return undefined;
  }
};
