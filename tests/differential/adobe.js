// Runs build documents through Adobe's published engine: one JSON line in, one JSON line out.
//
//   {"document", "call"}      → {"rules", "seen", "left", "errors", "evaluations"} or {"buildError"}
//   {"document", "call", "events", "secrets"}   → {"microseconds", "seen"}, how long one event takes
//
// As docs/reference/adobe.md, "Running Adobe's engine beside ours": the document gets its modules, its text goes
// through Adobe's token scripts and Babel plugin, and a fresh copy of the engine runs it.
"use strict";

const path = require("path");
const readline = require("readline");
const vm = require("vm");
const root = process.argv[2];
const load = (name) => require(path.join(root, name));

const babel = load("@babel/core");
const sanitize = load("@adobe/reactor-token-scripts-edge").sanitize;
const plugin = load("@adobe/reactor-babel-plugin-replace-tokens-edge");
const ENGINE = require.resolve(path.join(root, "@adobe/reactor-turbine-edge/dist/engine-server.min.js"));
const core = (place) => load(`@adobe/reactor-extension-core-edge/src/lib/${place}.js`);

// The other side has no undefined and no numbers that are none.
const plain = (value) => JSON.parse(JSON.stringify(value === undefined ? null : value, (key, it) => (it === undefined ? null : it)));

let seen = [];
let arcs = new Map();
let evaluations = 0;

// Each rule has an arc of its own, which all its modules share: whatever becomes of the rule, it can be looked at.
const watched = (script) => (context) => {
  arcs.set(context.utils.getRule().id, context.arc);
  return script(context);
};

function note({ arc, utils }) {
  const settings = plain(utils.getSettings());
  seen.push([utils.getRule().id, utils.getComponent().id, settings, plain(utils.getExtensionSettings()), plain(arc.ruleStash)]);
  return "value" in settings ? utils.getSettings().value : undefined;
}

function count({ utils }) {
  evaluations += 1;
  return utils.getSettings().value ?? evaluations;
}

const throwing = (text) => () => {
  throw text && new Error(text);
};
const MODULES = {
  "core::dataElements::path": ["Path", core("dataElements/path")],
  "core::dataElements::ip": ["IP Address", core("dataElements/ip")],
  "core::dataElements::secret": ["Secret", core("dataElements/secret")],
  "core::dataElements::custom-code": ["Custom Code", core("dataElements/customCode")],
  "core::conditions::value-comparison": ["Value Comparison", core("conditions/valueComparison")],
  "core::conditions::custom-code": ["Custom Code", core("conditions/customCode")],
  "core::actions::custom-code": ["Custom Code", core("actions/customCode")],
};
for (const extension of ["probe", "other"]) {
  MODULES[`${extension}::dataElements::value`] = ["Value", ({ utils }) => utils.getSettings().value];
  MODULES[`${extension}::dataElements::count`] = ["Count", count];
  MODULES[`${extension}::dataElements::boom`] = ["Boom", throwing("no value")];
  MODULES[`${extension}::conditions::gives`] = ["Gives", note];
  MODULES[`${extension}::conditions::boom`] = ["Boom", throwing("no answer")];
  MODULES[`${extension}::actions::note`] = ["Note", note];
  MODULES[`${extension}::actions::boom`] = ["Boom", throwing("no action")];
  MODULES[`${extension}::actions::silent`] = ["Silent", throwing(null)];
  MODULES[`${extension}::actions::never`] = ["Never", () => new Promise(() => {})];
}

// Custom code is a function in Adobe's container; extension.json names the transform and its two parameters.
function withFunctions(document) {
  const sources = [];
  const text = JSON.stringify(document, (key, value) => {
    if (!value || !value.modulePath || !value.modulePath.endsWith("::custom-code")) return value;
    const settings = { ...value.settings, source: `@source${sources.push(value.settings.source) - 1}@` };
    return { ...value, settings };
  });
  return text.replace(/"@source(\d+)@"/g, (match, index) => `function (arc, utils) {\n${sources[index]}\n}`);
}

function container(document) {
  const source = `(getDataElementValues) => (${sanitize(withFunctions(document))})`;
  const { code } = babel.transformSync(source, { plugins: [plugin], configFile: false, babelrc: false, compact: false });
  const init = vm.runInThisContext(code);
  return (getDataElementValues) => {
    const built = init(getDataElementValues);
    built.modules = {};
    for (const [name, [displayName, script]] of Object.entries(MODULES)) {
      built.modules[name] = { extensionName: name.split("::")[0], displayName, name, script: watched(script) };
    }
    return built;
  };
}

function engine(document, secrets = []) {
  delete require.cache[ENGINE];
  const init = container(document);
  const withSecrets = (values) => Object.assign(init(values), { getLogSensitiveTokens: () => secrets });
  const start = secrets.length ? withSecrets : init;
  return require(ENGINE).initialize(start, { fetch: () => Promise.resolve({}) });
}

// A rule stash that an action put into itself is no JSON.
function leftIn({ ruleStash, event, request }) {
  try {
    return plain([ruleStash, event, request]);
  } catch {
    return ["circle"];
  }
}

function firstError(logs) {
  const found = logs.find((entry) => entry.attributes.logLevel === "error");
  return found ? found.messages[1].split(" \n ")[0] : "";
}

async function once({ document, call, env = {} }) {
  let execute;
  try {
    execute = engine(document);
  } catch (error) {
    return { buildError: String(error.message) };
  }
  seen = [];
  arcs = new Map();
  evaluations = 0;
  const result = await execute(call, env, {});
  return {
    rules: result.map((rule) => [rule.ruleId, rule.status]),
    errors: Object.fromEntries(result.map((rule) => [rule.ruleId, firstError(rule.logs)])),
    seen,
    left: [...arcs].map(([rule, arc]) => [rule, ...leftIn(arc)]),
    evaluations,
  };
}

const measuredEngines = new Map();

async function measured({ document, call, events, secrets }) {
  const key = JSON.stringify([document, secrets]);
  if (!measuredEngines.has(key)) measuredEngines.set(key, engine(document, secrets));
  const execute = measuredEngines.get(key);
  const started = process.hrtime.bigint();
  for (let event = 0; event < events; event++) {
    seen = [];
    await execute(call, {}, {});
  }
  return { microseconds: Number(process.hrtime.bigint() - started) / 1000 / events, seen };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const answer = await (request.events ? measured(request) : once(request)).catch((error) => ({ crash: error.stack }));
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}

main();
