// Random numbers seeded by the stored event, so that a replay repeats them: sfc32 by Chris Doty-Humphrey.
(function (taken) {
  "use strict";
  const { parse, current } = taken;
  let piece = null, a, b, c, d;

  function next() {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  }

  function start() {
    piece = current();
    const seeds = parse(piece.facts).seeds;
    a = seeds[0];
    b = seeds[1];
    c = seeds[2];
    d = 1;
    for (let i = 0; i < 12; i++) next();
  }

  return () => {
    if (piece !== current()) start();
    return next();
  };
})
