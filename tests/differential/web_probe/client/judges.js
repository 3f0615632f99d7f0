var note = require('./note.js');

// {source: function (event, target)}
module.exports = function (settings, event) {
  var result = settings.source.call(event.element, event, event.target);
  note('code condition', result, event);
  return result;
};
