// {value, throws, function}
module.exports = function (settings) {
  if (settings.throws) {
    throw new Error(settings.throws);
  }
  return settings.value;
};
