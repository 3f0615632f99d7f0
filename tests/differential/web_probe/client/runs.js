var note = require('./note.js');

// {rows: [{source: function (event, target, Promise)}]}
module.exports = function (settings, event) {
  return settings.rows.map(function (row) {
    var result = row.source.call(event.element, event, event.target, Promise);
    note('code action', result, event);
    return result;
  })[0];
};
