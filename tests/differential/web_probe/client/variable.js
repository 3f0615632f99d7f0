// {name}: what an action or the page has left under this name; undefined first.
module.exports = function (settings) {
  return page.values[settings.name];
};
