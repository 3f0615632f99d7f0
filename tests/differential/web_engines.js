// Runs a library of ours and Adobe's published engine on the same build document, each in a page of its own:
// one JSON line in, one JSON line out.
//
//   {"document", "library", "name", "modules", "visits"} → {"ours", "adobe"}: what each has called, shown and stored
//
// The page is a stand-in with a clock of its own: nothing waits, and equal pages see equal times.
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const vm = require("vm");

const ENGINE = new vm.Script(fs.readFileSync(process.argv[2], "utf8"));
const CODE = {
  "probe/calls.js": ["trigger"],
  "probe/judges.js": ["event", "target"],
  "probe/computes.js": ["event"],
  "probe/runs.js": ["event", "target", "Promise"],
};
const LONGEST = 60_000;

class Clock {
  constructor() {
    this.now = 0;
    this.number = 0;
    this.waiting = [];
  }

  set = (call, ms = 0, ...given) => {
    this.number += 1;
    this.waiting.push({ at: this.now + Math.max(0, Number(ms) || 0), number: this.number, call, given });
    return this.number;
  };

  clear = (number) => {
    this.waiting = this.waiting.filter((it) => it.number !== number);
  };

  async run(failed) {
    for (;;) {
      await new Promise(setImmediate); // Everything that promises have queued.
      this.waiting.sort((a, b) => a.at - b.at || a.number - b.number);
      const next = this.waiting.shift();
      if (!next || next.at > LONGEST) return;
      this.now = next.at;
      try {
        next.call(...next.given);
      } catch (error) {
        failed(error);
      }
    }
  }
}

class Storage {
  constructor(held) {
    this.held = held;
  }
  getItem(key) {
    return Object.hasOwn(this.held, key) ? this.held[key] : null;
  }
  setItem(key, value) {
    this.held[key] = String(value);
  }
  removeItem(key) {
    delete this.held[key];
  }
}

const plain = (value) =>
  JSON.parse(
    JSON.stringify(value, (key, it) => (it === undefined ? "undefined" : typeof it === "function" ? "function" : it)) ??
      '"undefined"',
  );

class Page {
  constructor(stored, name) {
    this.seen = [];
    this.clock = new Clock();
    this.name = name;
    const note = (kind) => (...words) => this.seen.push([kind, this.clock.now, ...words.map((it) => this.told(it))]);
    this.note = note;
    const element = { id: "button", tagName: "BUTTON", textContent: "Add to cart", getAttribute: (key) => `attribute ${key}` };
    this.globals = {
      localStorage: new Storage(stored.local),
      sessionStorage: new Storage(stored.session),
      document: { cookie: "", createElement: () => ({}), addEventListener: () => {}, documentElement: {}, head: {} },
      navigator: { userAgent: "stand-in" },
      location: { hostname: "www.shop.example", protocol: "https:", href: "https://www.shop.example/", search: "" },
      URLSearchParams,
      console: Object.fromEntries(["log", "info", "warn", "error", "debug"].map((level) => [level, note(level)])),
      setTimeout: this.clock.set,
      clearTimeout: this.clock.clear,
      atob, // The engine takes a browser without it for an old one.
      record: note("call"),
      page: { element, target: { id: "inner", nodeType: 1 }, values: {}, count: 0 },
    };
    vm.createContext(this.globals);
    this.globals.window = vm.runInContext("this", this.globals);
  }

  told(it) {
    const value = it instanceof Object && "stack" in it ? String(it) : plain(it);
    return typeof value === "string" ? value.replaceAll(this.name, "_satellite").split("\n")[0] : value;
  }

  // Tools of Adobe's listen like this.
  monitors() {
    const hooks = ["ruleTriggered", "ruleConditionFailed", "ruleActionFailed", "ruleCompleted"];
    return [Object.fromEntries(hooks.map((hook) => [hook, (event) => this.note(hook)(event.rule.id, Object.keys(event))]))];
  }

  async done(engine) {
    await this.clock.run((error) => this.note("uncaught")(error));
    this.note("public")(Object.keys(engine).filter((key) => key !== "_loaded").sort());
    this.note("variables")(["Value", "nothing", "set.deep"].map((name) => engine.getVar(name)));
    this.note("left")(this.globals.page.values);
    return this.seen;
  }
}

// Adobe's container, made without any code of ours.
function container(document, modules) {
  const code = modules.code || CODE;
  const component = ({ modulePath, settings, ...rest }) => ({ ...rest, modulePath: modules.paths[modulePath], settings: functions(code[modules.paths[modulePath]], settings) });
  const scripts = Object.entries(modules.scripts).map(([file, { text, ...names }]) => [
    file,
    { ...names, script: { $source: `function (module, exports, require, turbine) {\n${text}\n}` } },
  ]);
  return {
    property: document.property,
    company: { orgId: "" },
    environment: document.environment,
    buildInfo: { minified: false, buildDate: "", turbineVersion: "", turbineBuildDate: "" },
    dataElements: object(Object.entries(document.dataElements).map(([name, it]) => [name, element(component(it))])),
    extensions: object(Object.entries(document.extensions).map(([name, it]) => [name, { ...it, modules: Object.fromEntries(scripts) }])),
    rules: document.rules.map((rule) => ({
      ...rule,
      events: rule.events.map(component),
      conditions: rule.conditions.map(component),
      actions: rule.actions.map(component),
    })),
  };
}

const object = (pairs) => Object.fromEntries(pairs);

function element({ id, name, ...described }) {
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== null));
}

function functions(names, settings) {
  if (!names) return settings;
  const code = (source) => ({ $source: `function (${names.join(", ")}) {\n${source}\n}` });
  return settings.rows
    ? { ...settings, rows: settings.rows.map((row) => ({ ...row, source: code(row.source) })) }
    : { ...settings, source: code(settings.source) };
}

function source(value) {
  if (Array.isArray(value)) return `[${value.map(source)}]`;
  if (!value || typeof value !== "object") return JSON.stringify(value);
  if ("$source" in value) return value.$source;
  return `{${Object.entries(value).map(([key, it]) => `[${JSON.stringify(key)}]:${source(it)}`)}}`;
}

async function visit(stored, name, prepare, scripts) {
  const page = new Page(stored, name);
  if (stored.debug) stored.local["com.adobe.reactor.debug"] = "true";
  page.globals.window[name] = { _monitors: page.monitors() };
  prepare(page);
  try {
    for (const script of scripts) script.runInContext(page.globals);
  } catch (error) {
    page.note("broken")(error);
  }
  const engine = page.globals.window[name];
  if (!engine.getVar) return page.seen;
  engine.setVar("set.deep", "by the page");
  return page.done(engine);
}

async function visits(count, debug, name, prepare, scripts) {
  const stored = { local: {}, session: {}, debug };
  const seen = [];
  for (let number = 0; number < count; number++) seen.push(await visit(stored, name, prepare, scripts));
  return { seen, local: stored.local, session: stored.session };
}

async function both({ document, library, name, modules, visits: count = 1, debug = true }) {
  const given = `(${source(container(document, modules))})`;
  const hand = (page) => {
    page.globals.window._satellite.container = vm.runInContext(given, page.globals);
  };
  return {
    ours: await visits(count, debug, name, () => {}, [new vm.Script(library)]),
    adobe: await visits(count, debug, "_satellite", hand, [ENGINE]),
  };
}

process.on("unhandledRejection", () => {});

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const answer = await both(JSON.parse(line)).catch((error) => ({ crash: error.stack }));
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}

main();
