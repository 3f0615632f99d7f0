'use strict';

const listen = require('./listen.js');

const delayed = new WeakSet();

function opensHere(link) {
  const target = link.getAttribute('target');
  return !target || target === '_self' || target === window.name || (target === '_top' && window.top === window);
}

/** Returns the link whose click would replace this page; null if there is none. */
function leavingLink(event) {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
    return null;
  }
  // Also a link that is inside an open shadow root, or around one.
  const link = event.composedPath().find((node) => node.matches && node.matches('a[href]'));
  return link && opensHere(link) && !link.hasAttribute('download') ? link : null;
}

/** Stops a link and follows it later, once for each click. */
function delayLink(settings, event) {
  const delay = Number(settings.anchorDelay);
  const link = delay > 0 && !delayed.has(event) ? leavingLink(event) : null;
  if (!link) {
    return;
  }
  delayed.add(event);
  event.preventDefault();
  setTimeout(() => {
    window.location.href = link.href;
  }, delay);
}

// `s_fe` marks a copy of a click that Adobe's AppMeasurement sends after it.
module.exports = listen('click', { accepts: (settings, found) => !found.nativeEvent.s_fe, before: delayLink });
