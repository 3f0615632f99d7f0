var note = require('./note.js');

// An event whose setting is code: {source: function (trigger)}
module.exports = function (settings, trigger) {
  note('code event', Object.keys(settings));
  settings.source(trigger);
};
