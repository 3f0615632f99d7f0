'use strict';

// Only a library of Development holds this: what a person who validates the site is told about the Web SDK.

const instance = require('./instance.js');

const validation = typeof _satellite === 'undefined' ? null : _satellite.validation;
const hadOwn = typeof window.alloy !== 'undefined';

/** Marks the events of this browser, so that the product finds them. */
function mark(command, options) {
  const isEvent = command === 'sendEvent';
  return isEvent ? { ...options, data: { ...options.data, validation: validation.token } } : options;
}

/** Returns `http` where the Web SDK of a library uses it: between a shop and an endpoint on this machine. */
function scheme(host) {
  const isHere = /^(([\w-]+\.)*localhost|127\.0\.0\.1)(:\d+)?$/i.test(host);
  return isHere && window.location.protocol === 'http:' ? 'http' : 'https';
}

function endpoint({ edgeDomain, edgeBasePath, datastreamId }) {
  if (!edgeDomain || !datastreamId) {
    return '';
  }
  const query = encodeURIComponent(datastreamId);
  return `${scheme(edgeDomain)}://${edgeDomain}/${edgeBasePath}/v1/collect?configId=${query}`;
}

function watch() {
  const { run } = instance;
  const configuration = instance.configuration(turbine.getExtensionSettings());
  instance.run = (command, options) => run(command, mark(command, options));
  validation.endpoint = endpoint(configuration);
  validation.hosts.push(configuration.edgeDomain);
  validation.add('adobe-alloy', () => ({
    consent: instance.consent(turbine.getExtensionSettings()),
    identity: /(^|; )kndctr_[^=]+_identity=/.test(document.cookie),
    other: hadOwn,
  }));
}

if (validation) {
  watch();
}

module.exports = {};
