var answer = require('./answer.js');
var note = require('./note.js');

module.exports = function (settings, event) {
  note('action', settings, event, event.element);
  note('extension', turbine.getExtensionSettings());
  if (settings.reads) {
    note('read', turbine.getDataElementValue(settings.reads, event));
  }
  if (settings.sets) {
    page.values[settings.sets] = settings.to;
  }
  if (settings.logs) {
    turbine.logger.log(settings.logs);
  }
  return answer(settings);
};
