'use strict';

const textMatch = require('./text_match.js');

function propertyOf(element, name) {
  if (name === '@text' || name === 'innerText') {
    return element.textContent;
  }
  if (name in element) {
    return element[name];
  }
  return element.getAttribute ? element.getAttribute(name) : undefined;
}

function fitsSelector(element, selector) {
  try {
    return Boolean(element.matches) && element.matches(selector);
  } catch (error) {
    turbine.logger.warn(`“${selector}” is not a selector. It matches nothing.`);
    return false;
  }
}

/**
 * Whether an element fits a rule: the selector, and a value of each property or else attribute.
 *
 * Source: adobe/reactor-extension-core, matchesSelector and matchesProperties.
 *
 * @param {Node} element
 * @param {{elementSelector: string, elementProperties: Array}} settings Both may be absent.
 */
module.exports = function (element, settings) {
  return (
    (!settings.elementSelector || fitsSelector(element, settings.elementSelector)) &&
    (settings.elementProperties || []).every((row) => textMatch(propertyOf(element, row.name), row))
  );
};
