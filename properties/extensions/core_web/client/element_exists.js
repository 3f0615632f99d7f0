'use strict';

const find = require('./find_elements.js');

const EVERY = 3000;
let waiting = [];
let timer = null;

function look() {
  waiting = waiting.filter((rule) => {
    const element = find(rule.settings)[0];
    if (element) {
      rule.trigger({ element, target: element });
    }
    return !element;
  });
  if (!waiting.length) {
    clearInterval(timer);
  }
}

/** Starts once, when the page has an element that fits. */
module.exports = function (settings, trigger) {
  waiting.push({ settings, trigger });
  if (timer === null) {
    setTimeout(look, 0);
    timer = setInterval(look, EVERY);
  }
};
