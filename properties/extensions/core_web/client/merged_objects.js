'use strict';

function isObject(value) {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function copy(value) {
  if (Array.isArray(value)) {
    return value.map(copy);
  }
  return isObject(value) ? merge({}, value) : value;
}

function merge(target, source) {
  Object.keys(source)
    .filter((key) => key !== '__proto__')
    .forEach((key) => {
      const [earlier, later] = [target[key], source[key]];
      if (Array.isArray(earlier) && Array.isArray(later)) {
        target[key] = [...earlier, ...copy(later)];
      } else if (isObject(earlier) && isObject(later)) {
        merge(earlier, later);
      } else if (later !== undefined || earlier === undefined) {
        target[key] = copy(later);
      }
    });
  return target;
}

/**
 * Merges copies of the objects: a later value wins, lists in one place are joined.
 *
 * Source: adobe/reactor-extension-core, deepMerge.
 */
module.exports = (settings) => settings.objects.filter(isObject).reduce(merge, {});
