'use strict';

const find = require('./find_elements.js');

const EVERY = 3000;

/** Starts when an element comes into view and stays there for `delay` milliseconds. */
module.exports = function (settings, trigger) {
  const timers = new WeakMap();
  const seen = new WeakSet();
  const delay = Number(settings.delay) || 0;

  function start(element) {
    if (settings.frequency !== 'everyEntry') {
      observer.unobserve(element);
    }
    trigger({ element, target: element, delay });
  }

  const observer = new IntersectionObserver((entries) => {
    entries.forEach(({ target, isIntersecting }) => {
      clearTimeout(timers.get(target));
      if (isIntersecting && delay > 0) {
        timers.set(target, setTimeout(start, delay, target));
      } else if (isIntersecting) {
        start(target);
      }
    });
  });

  function look() {
    find(settings)
      .filter((element) => !seen.has(element))
      .forEach((element) => {
        seen.add(element);
        observer.observe(element);
      });
  }

  setTimeout(look, 0);
  document.addEventListener('DOMContentLoaded', look);
  setInterval(look, EVERY);
};
