'use strict';

const earlier = new Map();

module.exports = {
  /** Warns when a conversion has the data of the one before on this page: most likely it is not its own. */
  check(path, layer) {
    const { conversionData, ...data } = layer;
    const text = JSON.stringify(data);
    if (text !== '{}' && earlier.get(path) === text) {
      module.exports.found(path);
    }
    earlier.set(path, text);
  },

  found(path) {
    turbine.logger.warn(`${path} has not changed since the conversion before. Fill it for each conversion.`);
  },
};
