module.exports = function (settings, event) {
  page.count += 1;
  return (settings.prefix || '') + page.count + (event && event.$rule ? event.$rule.name : '');
};
