'use strict';

const DEFAULT = 'dataLayer.meta';

function keysOf(path) {
  return String(path || DEFAULT).replace(/^window\./, '').split('.');
}

function isObject(value) {
  return Boolean(value) && (typeof value === 'object' || typeof value === 'function');
}

/** Returns the object at a path of window, or undefined. */
function read(path) {
  return keysOf(path).reduce((value, key) => (isObject(value) ? value[key] : undefined), window);
}

/**
 * Returns the object at a path; what is missing below its first name is made.
 *
 * The first name is a global of the page, which is not ours to make.
 */
function make(path) {
  const [first, ...rest] = keysOf(path);
  return rest.reduce((value, key) => {
    if (isObject(value) && !isObject(value[key])) {
      value[key] = {};
    }
    return isObject(value) ? value[key] : undefined;
  }, window[first]);
}

module.exports = { read, make, isObject };
