'use strict';

function asText(value) {
  return typeof value === 'number' && isFinite(value) ? String(value) : value;
}

function asNumber(value) {
  const number = typeof value === 'string' && value.trim() ? Number(value) : value;
  return typeof number === 'number' && isFinite(number) ? number : undefined;
}

function texts(compare) {
  return (left, right, ignoresCase) => {
    const both = [asText(left), asText(right)];
    return (
      both.every((it) => typeof it === 'string') &&
      compare(...(ignoresCase ? both.map((it) => it.toLowerCase()) : both))
    );
  };
}

function numbers(compare) {
  return (left, right) => {
    const both = [asNumber(left), asNumber(right)];
    return both.every((it) => it !== undefined) && compare(...both);
  };
}

function lower(value, ignoresCase) {
  return ignoresCase && typeof value === 'string' ? value.toLowerCase() : value;
}

function fitsPattern(left, right, ignoresCase) {
  const both = [asText(left), asText(right)];
  try {
    return both.every((it) => typeof it === 'string') && new RegExp(both[1], ignoresCase ? 'i' : '').test(both[0]);
  } catch (error) {
    turbine.logger.warn(`“${right}” is not a regular expression. It matches nothing.`);
    return false;
  }
}

const OPERATORS = new Map(Object.entries({
  // “5” equals 5, as with Adobe.
  equals: (left, right, ignoresCase) => lower(left, ignoresCase) == lower(right, ignoresCase),
  contains: texts((left, right) => left.includes(right)),
  startsWith: texts((left, right) => left.startsWith(right)),
  endsWith: texts((left, right) => left.endsWith(right)),
  matchesRegex: fitsPattern,
  lessThan: numbers((left, right) => left < right),
  lessThanOrEqual: numbers((left, right) => left <= right),
  greaterThan: numbers((left, right) => left > right),
  greaterThanOrEqual: numbers((left, right) => left >= right),
  isTrue: (left) => left === true,
  isTruthy: (left) => Boolean(left),
  isFalse: (left) => left === false,
  isFalsy: (left) => !left,
}));

const OPPOSITES = new Map(Object.entries({
  doesNotEqual: 'equals',
  doesNotContain: 'contains',
  doesNotStartWith: 'startsWith',
  doesNotEndWith: 'endsWith',
  doesNotMatchRegex: 'matchesRegex',
}));

/**
 * Whether `leftOperand` stands to `rightOperand` as the operator says.
 *
 * Source: adobe/reactor-extension-core, valueComparison.
 *
 * @param {{leftOperand, comparison: {operator, caseInsensitive}, rightOperand}} settings
 */
module.exports = function (settings) {
  const { operator, caseInsensitive } = settings.comparison || {};
  const isOpposite = OPPOSITES.has(operator);
  const holds = OPERATORS.get(isOpposite ? OPPOSITES.get(operator) : operator);
  const isMet = Boolean(holds) && holds(settings.leftOperand, settings.rightOperand, caseInsensitive === true);
  return isOpposite ? !isMet : isMet;
};
