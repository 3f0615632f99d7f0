'use strict';

const made = new WeakMap();

/** Keeps the ID of one run of a rule. Its event is an object of its own; the page may replace its data layer. */
module.exports = {
  remember: (event, id) => made.set(event, id),
  of: (event) => (event && typeof event === 'object' ? made.get(event) : undefined),
};
