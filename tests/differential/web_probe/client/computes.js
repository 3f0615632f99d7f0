// {source: function (event)}
module.exports = function (settings, event) {
  return settings.source(event);
};
