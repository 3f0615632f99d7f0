'use strict';

/** Returns a text of `localStorage` or `sessionStorage`; null where the browser forbids it. */
module.exports = function (area, name) {
  try {
    return window[area].getItem(name);
  } catch (error) {
    return null;
  }
};
