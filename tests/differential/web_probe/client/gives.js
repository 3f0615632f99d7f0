var answer = require('./answer.js');
var note = require('./note.js');

module.exports = function (settings, event) {
  note('condition', settings, event, event.element);
  return answer(settings);
};
