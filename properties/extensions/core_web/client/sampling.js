'use strict';

function stored(key) {
  try {
    return window.localStorage.getItem(key);
  } catch (error) {
    return null; // The browser forbids it: the visitor is drawn anew each time.
  }
}

function store(key, isIn) {
  try {
    window.localStorage.setItem(key, String(isIn));
  } catch (error) {
    // As above.
  }
}

/** Whether this visit is in the sample. A kept decision counts for the rule and its rate. */
module.exports = function (settings, event) {
  const isDrawn = Math.random() < Number(settings.rate);
  if (settings.persistCohort !== true) {
    return isDrawn;
  }
  const key = `capi.sampling.${event.$rule.id}.${settings.rate}`;
  const earlier = stored(key);
  if (earlier !== null) {
    return earlier === 'true';
  }
  store(key, isDrawn);
  return isDrawn;
};
