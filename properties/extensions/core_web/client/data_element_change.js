'use strict';

const EVERY = 1000;
const known = new Map();

function textOf(name) {
  try {
    return JSON.stringify(turbine.getDataElementValue(name));
  } catch (error) {
    turbine.logger.warn(`“${name}” cannot be compared: its value is not JSON.`);
    return undefined;
  }
}

function look() {
  known.forEach((element, name) => {
    const text = textOf(name);
    if (text !== element.text) {
      element.text = text;
      element.triggers.forEach((trigger) => trigger({ dataElementName: name }));
    }
  });
}

/** Starts when a data element has another value than a second before. */
module.exports = function (settings, trigger) {
  const { name } = settings;
  if (!known.size) {
    setInterval(look, EVERY);
  }
  if (!known.has(name)) {
    known.set(name, { text: textOf(name), triggers: [] });
  }
  known.get(name).triggers.push(trigger);
};
