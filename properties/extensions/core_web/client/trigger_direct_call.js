'use strict';

function detailOf(rows) {
  return rows.reduce((detail, row) => ({ ...detail, [row.key]: row.value }), {});
}

/** Starts the rules with this direct call. The rows of the setting become the object `event.detail`. */
module.exports = function (settings) {
  const rows = (settings.detail && settings.detail.eventObjectEntries) || [];
  if (typeof _satellite !== 'undefined') {
    _satellite.track(settings.identifier, rows.length ? detailOf(rows) : undefined);
  }
};
