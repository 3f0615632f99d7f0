var note = require('./note.js');

// {at: [milliseconds], detail, throws, native, element}
module.exports = function (settings, trigger) {
  note('event', settings);
  if (settings.throws) {
    throw new Error(settings.throws);
  }
  settings.at.forEach(function (ms) {
    var fire = function () {
      trigger({ detail: settings.detail, element: page.element, target: page.target });
    };
    if (ms < 0) {
      fire();
    } else {
      setTimeout(fire, ms);
    }
  });
};
