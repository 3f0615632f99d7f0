'use strict';

// Only a library of Development holds this: what a person who validates the site is told about the Pixel.

const dataLayer = require('./data_layer.js');
const eventIds = require('./event_ids.js');
const pixel = require('./pixel.js');
const queue = require('./queue.js');
const staleData = require('./stale_data.js');

const SHOWN = 'https://www.facebook.com/tr';
const MOST = 10;
const validation = typeof _satellite === 'undefined' ? null : _satellite.validation;
const isThePages = queue.isThere();
const layer = { ready: '', loaded: '' };
const stale = new Set();
const foreign = new Set();
let newest = '';
let setUps = 0;

function pixelId() {
  return String(pixel.settings().pixelId || '').trim();
}

function path() {
  return pixel.settings().dataLayerPath || 'window.dataLayer.meta';
}

function kind() {
  const value = dataLayer.read(path());
  if (value === undefined || value === null) {
    return 'missing';
  }
  return Array.isArray(value) ? 'list' : dataLayer.isObject(value) ? 'object' : 'other';
}

function isOurs(id) {
  return Boolean(id) && validation.calls.some((it) => it[1] === id);
}

function noteForeign(name, id) {
  if (!isOurs(id) && foreign.size < MOST) {
    foreign.add(String(name).slice(0, 50));
  }
}

/** Notes a command of anybody to the function `fbq`. */
function note(command) {
  const [verb, ...given] = command;
  if (verb === 'init' && String(given[0]) === pixelId()) {
    setUps += 1;
  }
  if (/^track/.test(verb)) {
    const isSingle = /^trackSingle/.test(verb);
    const options = given[isSingle ? 3 : 2];
    if (!isSingle || String(given[0]) === pixelId()) {
      noteForeign(given[isSingle ? 1 : 0], options && options.eventID);
    }
  }
}

/** Listens to `fbq` from the moment when this library makes it. */
function install(make) {
  make();
  window.fbq = new Proxy(window.fbq, {
    apply(target, self, command) {
      note(command);
      return Reflect.apply(target, self, command);
    },
  });
}

/** Notes what has left the page for Meta under another event ID than ours. */
function readRequests() {
  const addresses = performance.getEntriesByType('resource').map((it) => it.name);
  addresses.filter((it) => it.startsWith(SHOWN)).forEach((address) => {
    const query = new URL(address).searchParams;
    if (query.get('id') === pixelId() && query.get('ev')) {
      noteForeign(query.get('ev'), query.get('eid'));
    }
  });
}

function pixelsOfState() {
  const state = window.fbq && window.fbq.getState ? window.fbq.getState() : null;
  return ((state || {}).pixels || []).filter((it) => String(it.id) === pixelId()).length;
}

function seen(hasWaited) {
  readRequests();
  const { search } = window.location;
  return {
    path: path(),
    ready: layer.ready,
    loaded: layer.loaded,
    isLoaded: Boolean(window.fbq && window.fbq.callMethod),
    hasWaited,
    isThePages,
    setUps: Math.max(setUps, pixelsOfState()),
    foreign: [...foreign],
    consent: pixel.consent(),
    browserId: /(^|; )_fbp=fb\./.test(document.cookie),
    click: new URLSearchParams(search).has('fbclid'),
    clickId: /(^|; )_fbc=fb\./.test(document.cookie),
  };
}

function watchLayer() {
  const at = (step) => () => {
    layer[step] = kind();
  };
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', at('ready'));
  } else {
    at('ready')();
  }
  if (document.readyState === 'complete') {
    at('loaded')();
  } else {
    window.addEventListener('load', at('loaded'), true);
  }
}

function watchEvents() {
  const { remember } = eventIds;
  const { send } = pixel;
  const { found } = staleData;
  eventIds.remember = (event, id) => {
    newest = id;
    remember(event, id);
  };
  staleData.found = (place) => {
    stale.add(newest);
    found(place);
    console.warn(`${place} has not changed since the conversion before. Fill it for each conversion.`);
  };
  pixel.send = (command) => {
    const [, , name, , options] = command;
    const id = options ? options.eventID : '';
    validation.call(name, id, stale.has(id));
    send(command);
  };
}

function watch() {
  const make = queue.install;
  if (isThePages) {
    [...(window.fbq.queue || [])].forEach((command) => note([...command]));
  }
  queue.install = () => install(make);
  validation.hosts.push('connect.facebook.net', 'www.facebook.com');
  validation.add('facebook-pixel', seen);
  watchLayer();
  watchEvents();
}

if (validation) {
  watch();
}

module.exports = {};
