'use strict';

/** Returns the values of a parameter of the page's address, in their order. */
module.exports = function (name, ignoresCase) {
  const fold = (text) => (ignoresCase ? text.toLowerCase() : text);
  const all = [...new URLSearchParams(window.location.search)];
  return all.filter(([key]) => fold(key) === fold(String(name))).map(([, value]) => value);
};
