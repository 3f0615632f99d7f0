'use strict';

function generalOf({ standard, version, value }) {
  if (standard !== 'Adobe' || !value) {
    return undefined; // A consent string of IAB; the server reads it.
  }
  if (String(version).startsWith('1')) {
    return value.general;
  }
  const answer = value.collect ? value.collect.val : undefined;
  return { y: 'in', n: 'out' }[answer];
}

/** Returns `in` or `out`, if a list of consents in Adobe's shape says so; else undefined. */
module.exports = function (consents) {
  const found = (Array.isArray(consents) ? consents : []).map((it) => generalOf(it || {}));
  return found.find((it) => it === 'in' || it === 'out');
};
