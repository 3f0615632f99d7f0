'use strict';

const fits = require('./element_match.js');

function above(node) {
  // A shadow root has no parent, but a host.
  return node.parentNode || (node.nodeType === 11 && node.host) || null;
}

function isForAnyElement(settings) {
  return !settings.elementSelector && !(settings.elementProperties || []).length;
}

function isWanted(settings, node, start, childFired) {
  if (childFired && settings.bubbleFireIfChildFired === false) {
    return false;
  }
  if (node !== start && (settings.bubbleFireIfParent === false || isForAnyElement(settings))) {
    return false;
  }
  return fits(node, settings);
}

/**
 * Goes from the element of an event to the root of the page, and runs each rule for each element that fits.
 * The nearest element comes first.
 *
 * Source: adobe/reactor-extension-core, createBubbly.
 *
 * @param {Array<{settings: object, run: function}>} rules `run(element)` returns false if it did not start the rule.
 * @param {Node} start
 * @param {function} next Optional: the node after a node.
 */
module.exports = function (rules, start, next) {
  let childFired = false;
  for (let node = start; node; node = (next || above)(node)) {
    const element = node;
    const wanted = rules.filter((rule) => isWanted(rule.settings, element, start, childFired));
    const fired = wanted.filter((rule) => rule.run(element) !== false);
    if (fired.some((rule) => rule.settings.bubbleStop)) {
      return;
    }
    childFired = childFired || fired.length > 0;
  }
};
