'use strict';

// Browser ID and click ID of Meta. The library writes them before anybody sends: otherwise the Pixel and the
// server each invent a browser ID on the first page.
//
// Source: Meta, fbp and fbc Parameters; facebook/capi-param-builder.

const NINETY_DAYS = 7776000;
const CLICK = /^[\w.-]{1,480}$/;
const landing = window.location.search;

function read(name) {
  const pair = document.cookie.split('; ').find((it) => it.startsWith(`${name}=`));
  return pair ? pair.slice(name.length + 1) : '';
}

function write(name, value, seconds, domain) {
  const place = domain ? `; domain=${domain}` : '';
  document.cookie = `${name}=${value}; path=/; max-age=${seconds}; SameSite=Lax${place}`;
}

/** Returns whether the browser keeps cookies for a domain: it refuses those of others, such as “co.uk”. */
function isKept(domain) {
  const name = '_capi_domain';
  write(name, '1', 10, domain);
  const isThere = read(name) === '1';
  write(name, '', 0, domain);
  return isThere;
}

/** Returns the shortest domain of the page that takes cookies; "" for an address without a name. */
function siteDomain() {
  const labels = window.location.hostname.split('.');
  const domains = labels.map((label, position) => labels.slice(position).join('.')).reverse();
  return /^[\d.]+$|:/.test(window.location.hostname) ? '' : domains.slice(1).find(isKept) || '';
}

let domain = null;

function writeForSite(name, value) {
  domain = domain === null ? siteDomain() : domain;
  const index = domain.split('.').length - 1;
  write(name, `fb.${index}.${Date.now()}.${value}`, NINETY_DAYS, domain);
}

function clickInAddress() {
  const found = [window.location.search, landing].map((it) => new URLSearchParams(it).get('fbclid')).find(Boolean);
  return found && CLICK.test(found) ? found : '';
}

function newBrowserId() {
  return crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
}

/** Writes `_fbp` if it is missing, and `_fbc` for a click that it does not hold yet. */
module.exports = function () {
  if (!read('_fbp').startsWith('fb.')) {
    writeForSite('_fbp', newBrowserId());
  }
  const click = clickInAddress();
  if (click && read('_fbc').split('.')[3] !== click) {
    writeForSite('_fbc', click);
  }
};
