var note = require('./note.js');

note('setup', [turbine.property.name, turbine.environment.stage, turbine.buildInfo.minified]);
turbine.onDebugChanged(function (on) {
  note('debug', on);
});
