'use strict';

// They would change how objects work.
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * Returns a new object with the values of both; where both have objects, these are merged too.
 *
 * Source: @adobe/alloy-core, deepAssign.
 */
function merged(one, other) {
  const result = { ...one };
  Object.keys(other || {})
    .filter((key) => !FORBIDDEN.includes(key))
    .forEach((key) => {
      const value = other[key];
      result[key] = isObject(value) ? merged(isObject(result[key]) ? result[key] : {}, value) : value;
    });
  return result;
}

module.exports = merged;
