// Runs the same code in Node: reads JSON of {"places": [...], "ends": {...}}, writes the result of each.
"use strict";
const vm = require("vm");
const { places, ends } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const body = (source, keyword = "") => `(${keyword}function (arc, utils) {\n${source}\n})`;

// The line and column where code does not parse, or where it throws.
function place(source) {
  try {
    new vm.Script(body(source), { filename: "code.js", lineOffset: -1 }).runInThisContext()({ event: {} }, {});
  } catch (error) {
    const [first, , carets = ""] = error.stack.split("\n");
    const parsing = /^code\.js:(\d+)$/.exec(first);
    if (parsing) return [Number(parsing[1]), carets.indexOf("^") + 1];
    const [, line, column] = /code\.js:(\d+):(\d+)/.exec(error.stack);
    return [Number(line), Number(column)];
  }
  return null;
}

function compiled(source, context) {
  try {
    return vm.runInContext(body(source), context);
  } catch (error) {
    if (!source.includes("await")) throw error;
    return vm.runInContext(body(source, "async "), context);
  }
}

// Whether it throws, or returns something other than JSON.
async function end(source) {
  const context = vm.createContext();
  vm.runInContext(
    `arc = {event: {xdm: {}, data: {user: {}}}, request: {header: {}, body: {}}, ruleStash: {}};
     utils = {logger: {log() {}}, getSettings: () => ({})};
     getDataElementValue = (name) => { if (String(name) === "Known") return "known"; throw new Error("no"); };`,
    context,
  );
  try {
    const late = new Promise((settle) => setTimeout(settle, 500, Symbol("never")));
    const value = await Promise.race([compiled(source, context)(context.arc, context.utils), late]);
    if (["function", "symbol", "bigint"].includes(typeof value)) return "fails";
    JSON.stringify(value);
    return "ok";
  } catch {
    return "fails";
  }
}

(async () => {
  const results = {};
  for (const [name, source] of Object.entries(ends)) results[name] = await end(source);
  process.stdout.write(JSON.stringify({ places: places.map(place), ends: results }));
  process.exit(0);
})();
process.on("uncaughtException", () => {});
