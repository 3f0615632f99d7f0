'use strict';

// Stands in for Meta's fbevents.js, so that a demo never asks Meta for anything. It follows the published protocol:
// fbq takes commands, and each event of a pixel that was set up becomes one call, here to the shop itself.
//
// Source: https://developers.facebook.com/docs/meta-pixel/get-started

(function () {
  const pixels = new Set();
  let waiting = null;

  function cookie(name) {
    const pair = document.cookie.split('; ').find((it) => it.startsWith(`${name}=`));
    return pair ? pair.slice(name.length + 1) : '';
  }

  function call(pixel, name, parameters, options) {
    const told = { pixel, name, parameters: parameters || {}, id: String((options || {}).eventID || '') };
    const body = JSON.stringify({ ...told, fbp: cookie('_fbp'), fbc: cookie('_fbc') });
    // A beacon: most conversions leave the page.
    navigator.sendBeacon('/calls', new Blob([body], { type: 'application/json' }));
  }

  function send(...given) {
    if (waiting) {
      waiting.push(given);
    } else {
      call(...given);
    }
  }

  function consent(answer) {
    const held = waiting || [];
    waiting = answer === 'revoke' ? held : null;
    if (!waiting) {
      held.forEach((given) => call(...given));
    }
  }

  const commands = {
    init: (pixel) => pixels.add(String(pixel)),
    consent,
    track: (...given) => pixels.forEach((pixel) => send(pixel, ...given)),
    trackCustom: (...given) => pixels.forEach((pixel) => send(pixel, ...given)),
    trackSingle: (pixel, ...given) => pixels.has(String(pixel)) && send(String(pixel), ...given),
    trackSingleCustom: (pixel, ...given) => pixels.has(String(pixel)) && send(String(pixel), ...given),
  };

  function fbq(command, ...given) {
    if (commands[command]) {
      commands[command](...given);
    }
  }

  const getState = () => ({ pixels: [...pixels].map((id) => ({ id })) });
  Object.assign(fbq, { push: fbq, loaded: true, version: '2.0', queue: [], callMethod: fbq, getState });
  window.fbq = fbq;
  window._fbq = fbq;
})();
