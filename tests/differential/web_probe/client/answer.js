// {value, throws, after, rejects, never}: at once, or as a promise.
module.exports = function (settings) {
  if (settings.throws) {
    throw new Error(settings.throws);
  }
  if (settings.never) {
    return new Promise(function () {});
  }
  if (settings.after === undefined) {
    return settings.value;
  }
  return new Promise(function (resolve, reject) {
    setTimeout(function () {
      if (settings.rejects) {
        reject(new Error(settings.rejects));
      } else {
        resolve(settings.value);
      }
    }, settings.after);
  });
};
