// A Date whose current time is the time of the stored event, so that a replay repeats it.
(function (taken) {
  "use strict";
  const { Moment, apply, construct, defineProperty, dateText, parse, current } = taken;
  const now = () => parse(current().facts).clock;
  const fix = (name, value) => defineProperty(FixedDate, name, { __proto__: null, value, writable: true, configurable: true });

  function FixedDate(...given) {
    if (new.target === undefined) return apply(dateText, new Moment(now()), []);
    return construct(Moment, given.length ? given : [now()], new.target);
  }

  fix("name", "Date");
  fix("length", 7);
  fix("parse", Moment.parse);
  fix("UTC", Moment.UTC);
  fix("now", () => now());
  FixedDate.prototype = Moment.prototype;
  Moment.prototype.constructor = FixedDate;
  return { __proto__: null, Date: FixedDate };
})
