'use strict';

/**
 * Whether a value is the text of a row, or matches its pattern in any letter case.
 *
 * Source: adobe/reactor-extension-core, textMatch. Numbers and booleans are compared as text.
 *
 * @param {*} value A missing one never matches.
 * @param {{value: string, valueIsRegex: boolean}} row
 */
module.exports = function (value, row) {
  if (value === undefined || value === null || row.value === undefined || row.value === null) {
    return false;
  }
  if (!row.valueIsRegex) {
    return String(value) === String(row.value);
  }
  try {
    return new RegExp(row.value, 'i').test(String(value));
  } catch (error) {
    turbine.logger.warn(`“${row.value}” is not a regular expression. It matches nothing.`);
    return false;
  }
};
