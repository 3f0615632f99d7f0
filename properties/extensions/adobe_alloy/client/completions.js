'use strict';

const triggers = [];

module.exports = {
  add: (trigger) => triggers.push(trigger),
  tell: (result) => triggers.forEach((trigger) => trigger(result)),
};
