// What a probe saw: its kind, its settings, and facts of the event.
module.exports = function (kind, settings, event, element) {
  record([kind, settings, event && event.$type, event && event.$rule, event && event.detail, element && element.id]);
};
