// Runs pieces of code in Node: reads a JSON list of sources, writes a list of [result, name of the thrown error].
"use strict";
const Piece = (async () => {}).constructor;

async function outcome(source) {
  try {
    return [(await new Piece("arc", "utils", source)({}, {})) ?? null, null];
  } catch (error) {
    return [null, error.name];
  }
}

(async () => {
  const sources = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const outcomes = [];
  for (const source of sources) outcomes.push(await outcome(source));
  process.stdout.write(JSON.stringify(outcomes));
})();
