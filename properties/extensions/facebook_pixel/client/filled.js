'use strict';

function isEmpty(value) {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (Array.isArray(value) && !value.length) ||
    (typeof value === 'number' && !isFinite(value))
  );
}

function copy(value) {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    return undefined; // It refers to itself, or to something that is no data.
  }
}

/**
 * Returns a copy of an object without its empty values: what is sent later must not change with the page.
 *
 * Zero and false are values.
 *
 * @param {*} given Anything else than an object gives an empty object.
 */
module.exports = function (given) {
  const isObject = Boolean(given) && typeof given === 'object' && !Array.isArray(given);
  const pairs = Object.keys(isObject ? given : {}).map((key) => [key, isEmpty(given[key]) ? undefined : copy(given[key])]);
  return pairs.reduce((kept, [key, value]) => (isEmpty(value) ? kept : { ...kept, [key]: value }), {});
};
