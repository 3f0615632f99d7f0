'use strict';

// The variables of this page: name of the data element → object.
const values = Object.create(null);
// A value that was read → its variable. So an action knows the variable that its token means.
const names = new WeakMap();

function read(name) {
  values[name] = values[name] || {};
  names.set(values[name], name);
  return values[name];
}

module.exports = { read, nameOf: (value) => names.get(value), values };
