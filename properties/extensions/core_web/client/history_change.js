'use strict';

const triggers = [];
let last = '';
let isWaiting = false;

function compare() {
  isWaiting = false;
  if (window.location.href !== last) {
    last = window.location.href;
    triggers.forEach((trigger) => trigger());
  }
}

/** Compares in the next task, once for several changes: a router may correct an address at once. */
function compareSoon() {
  if (!isWaiting) {
    isWaiting = true;
    setTimeout(compare, 0);
  }
}

function watchMethod(name) {
  const original = window.history[name];
  window.history[name] = function (...args) {
    const result = original.apply(this, args);
    compareSoon();
    return result;
  };
}

function watch() {
  last = window.location.href;
  watchMethod('pushState');
  watchMethod('replaceState');
  window.addEventListener('popstate', compareSoon);
  window.addEventListener('hashchange', compareSoon);
}

/** Starts when the address of the page changes without a new page. */
module.exports = function (settings, trigger) {
  if (!triggers.length) {
    watch();
  }
  triggers.push(trigger);
};
