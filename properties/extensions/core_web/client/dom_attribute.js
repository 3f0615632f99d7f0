'use strict';

function firstElement(selector) {
  try {
    return document.querySelector(selector);
  } catch (error) {
    turbine.logger.warn(`“${selector}” is not a selector. It finds nothing.`);
    return null;
  }
}

/** Reads a property of the first element, else its attribute; `text` means the text that is shown. */
module.exports = function (settings) {
  const element = firstElement(settings.elementSelector);
  const name = settings.elementProperty;
  if (!element) {
    return undefined;
  }
  if (name === 'text') {
    return element.innerText || element.textContent;
  }
  return name in element ? element[name] : element.getAttribute(name);
};
