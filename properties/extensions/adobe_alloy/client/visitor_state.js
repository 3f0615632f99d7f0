'use strict';

// Cookies of the Web SDK: the decision that it remembers, and the visitor's identity.
//
// Source: @adobe/alloy-core, createConsentStorage and getApexDomain; docs/reference/wire_protocol.md, "Visitors".

const YEAR = 34128000;

function cookieName(orgId, kind) {
  return `kndctr_${orgId.replace('@', '_')}_${kind}`;
}

function read(name) {
  const pair = document.cookie.split('; ').find((it) => it.startsWith(`${encodeURIComponent(name)}=`));
  return pair ? decodeURIComponent(pair.slice(pair.indexOf('=') + 1)) : '';
}

function write(name, value, seconds, domain) {
  const place = domain ? `; domain=${domain}` : '';
  const protection = window.location.protocol === 'https:' ? '; SameSite=None; Secure' : '; SameSite=Lax';
  document.cookie = `${name}=${value}; path=/; max-age=${seconds}${place}${protection}`;
}

function isKept(domain) {
  const name = '_capi_site';
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

/** Returns 38 random digits, as Adobe's server gives them to a visitor. */
function newIdentity() {
  const digits = [...crypto.getRandomValues(new Uint8Array(152))].filter((it) => it < 250).map((it) => it % 10);
  return digits.slice(0, 38).join('');
}

/** Returns a message whose first field is the identity, as text that a cookie can hold. */
function packed(identity) {
  return btoa(`\n&${identity}`).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/**
 * Gives a new visitor an identity.
 *
 * Without one the Web SDK keeps every event but the first until the server has answered, and loses them when the
 * visitor leaves the page before.
 */
function giveIdentity(orgId) {
  const name = cookieName(orgId, 'identity');
  if (!read(name)) {
    write(name, packed(newIdentity()), YEAR, siteDomain());
  }
}

/** Returns the decision that the Web SDK has remembered: `in`, `out` or "". */
function remembered(orgId) {
  const found = /general=(in|out)/.exec(read(cookieName(orgId, 'consent')));
  return found ? found[1] : '';
}

module.exports = { giveIdentity, remembered };
