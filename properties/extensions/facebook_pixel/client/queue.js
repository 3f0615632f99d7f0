'use strict';

// Meta's function `fbq`: it keeps commands until fbevents.js is there.
//
// Source: https://developers.facebook.com/docs/meta-pixel/get-started

const ADDRESS = 'https://connect.facebook.net/en_US/fbevents.js';
const SOON = 2000;
let isOurs = false;
let isAskedFor = false;

/** Makes `fbq`, as Meta's base code does. */
function install() {
  const fbq = function () {
    if (fbq.callMethod) {
      fbq.callMethod.apply(fbq, arguments);
    } else {
      fbq.queue.push(arguments);
    }
  };
  Object.assign(fbq, { push: fbq, loaded: true, version: '2.0', queue: [] });
  window.fbq = fbq;
  window._fbq = window._fbq || fbq;
  isOurs = true;
}

/** Returns the address as a page with Trusted Types wants it, if it allows the policy “capi”. */
function trusted(address) {
  try {
    const policy = { createScriptURL: (it) => (it === ADDRESS ? it : '') };
    return window.trustedTypes ? window.trustedTypes.createPolicy('capi', policy).createScriptURL(address) : address;
  } catch (error) {
    return address;
  }
}

function insert() {
  if (isAskedFor) {
    return;
  }
  try {
    const script = document.createElement('script');
    script.async = true;
    script.src = trusted(ADDRESS);
    (document.head || document.documentElement).appendChild(script);
    isAskedFor = true;
  } catch (error) {
    turbine.logger.error('The page does not allow fbevents.js.', error);
  }
}

/**
 * Asks for fbevents.js when the page has time: a script that is asked for earlier delays its load event.
 *
 * Whoever has made `fbq` asks for it.
 */
function load() {
  if (!isOurs || isAskedFor) {
    return;
  }
  if (document.readyState === 'complete') {
    insert();
    return;
  }
  window.addEventListener('load', insert, { once: true });
  if (window.requestIdleCallback) {
    window.requestIdleCallback(insert, { timeout: SOON });
  } else {
    setTimeout(insert, SOON);
  }
}

/** Returns whether a pixel has been set up already, by the page's own code. */
function knows(pixelId) {
  const { fbq } = window;
  const pixels = fbq.getState ? (fbq.getState() || {}).pixels || [] : [];
  const waiting = [...(fbq.queue || [])];
  return (
    pixels.some((pixel) => String(pixel.id) === pixelId) ||
    waiting.some((command) => command[0] === 'init' && String(command[1]) === pixelId)
  );
}

module.exports = { install, load, knows, isThere: () => typeof window.fbq === 'function' };
