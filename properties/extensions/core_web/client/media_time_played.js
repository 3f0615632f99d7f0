'use strict';

const walk = require('./walk.js');

const rules = [];
const played = new WeakMap();

function marksOf() {
  const marks = new Map();
  rules.forEach(({ amount, unit }) => marks.set(`${amount} ${unit}`, { amount, unit }));
  return [...marks.values()];
}

function secondsOf({ amount, unit }, length) {
  return unit === 'second' ? amount : (length * amount) / 100;
}

/** Runs the rules of one mark. On the way to the root only rules of the same mark count. */
function reach(mark, media) {
  const same = rules.filter((rule) => rule.amount === mark.amount && rule.unit === mark.unit);
  const runs = same.map((rule) => ({
    settings: rule.settings,
    run: (element) => rule.trigger({ ...mark, element, target: media }),
  }));
  walk(runs, media);
}

function onTime({ target: media }) {
  const { seekable } = media;
  if (!seekable || !seekable.length) {
    return;
  }
  const begin = seekable.start(0);
  const now = media.currentTime - begin;
  const before = played.get(media) || 0;
  played.set(media, now);
  marksOf()
    .filter((mark) => {
      const seconds = secondsOf(mark, seekable.end(0) - begin);
      return seconds > before && seconds <= now;
    })
    .forEach((mark) => reach(mark, media));
}

function onTimeSafely(event) {
  try {
    onTime(event);
  } catch (error) {
    turbine.logger.error('The event “media time played” could not start its rules.', error);
  }
}

/**
 * Starts when a part of a video or sound has been played.
 *
 * Source: adobe/reactor-extension-core, mediaTimePlayed.
 */
module.exports = function (settings, trigger) {
  if (!rules.length) {
    document.addEventListener('timeupdate', onTimeSafely, true);
  }
  rules.push({ settings, trigger, amount: Number(settings.amount), unit: settings.unit });
};
