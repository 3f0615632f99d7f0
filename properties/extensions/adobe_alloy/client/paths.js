'use strict';

const INDEX = /^-?\d+$/;

function steps(path) {
  return path.split('.').filter((step) => step !== '');
}

function placeOf(step, list) {
  return Math.max(0, Number(step) < 0 ? list.length + Number(step) : Number(step));
}

function without(value, [step, ...more]) {
  if (step === undefined) {
    return undefined;
  }
  if (INDEX.test(step)) {
    const list = Array.isArray(value) ? [...value] : [];
    const place = placeOf(step, list);
    list.splice(place, 1, ...(more.length ? [without(list[place], more)] : []));
    return list;
  }
  const copy = value !== null && typeof value === 'object' ? { ...value } : {};
  if (more.length) {
    copy[step] = without(copy[step], more);
  } else {
    delete copy[step];
  }
  return copy;
}

/**
 * Returns a copy of an object without the value at a path such as `commerce.order` or `items.0`.
 *
 * Source: adobe/reactor-extension-alloy, pathUtils.
 */
module.exports = (value, path) => without(value, steps(path));
