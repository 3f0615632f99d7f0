// Makes engine.js, web_sdk.js and versions.json from the published packages: node make.mjs [folder]
//
// The same packages always give the same bytes. What is changed in them stands in ../NOTICE.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { CHANGED } from "./changed.mjs";
import { LEFT_OUT } from "./left_out.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TARGET = path.resolve(process.argv[2] ?? path.join(HERE, ".."));
const NAME = "__capi_engine";
const TURBINE = "node_modules/@adobe/reactor-turbine";
const LOCKED = JSON.parse(await readFile(path.join(HERE, "package-lock.json"), "utf8")).packages;

function origin(folder) {
  const { version, integrity } = LOCKED[folder];
  return { package: folder.split("node_modules/").at(-1), version, integrity };
}

const folderOf = (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];

function replaced(text, from, to, times) {
  const parts = text.split(from);
  if (parts.length - 1 !== times) throw new Error(`${from} is there ${parts.length - 1} times instead of ${times}`);
  return parts.join(to);
}

// Both globals get other names, so that Adobe's own engine can run on the same page. Whether it has started is kept
// in the engine's object: a library writes one global.
async function engine() {
  const published = await readFile(path.join(HERE, TURBINE, "dist/engine.min.js"), "utf8");
  const once = replaced(published, "window.__satelliteLoaded", `window.${NAME}._loaded`, 2);
  return [`(function(){${replaced(once, "_satellite", NAME, 12).trim()}\n})();\n`, [TURBINE]];
}

// Neither package says that its modules have no side effects, so nothing would be left out.
const leavesOutTheUnused = {
  name: "leaves out the unused",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /.*/ }, async ({ path: wanted, kind, importer, resolveDir, pluginData }) => {
      if (kind === "entry-point" || pluginData === "asked") return undefined;
      const found = await resolve(wanted, { kind, importer, resolveDir, pluginData: "asked" });
      return { ...found, sideEffects: false };
    });
  },
};

// Adobe's own build writes the version here; events carry it.
const writesTheVersion = {
  name: "writes the version",
  setup({ onLoad }) {
    onLoad({ filter: /libraryVersion\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      return { contents: text.replaceAll("__VERSION__", origin("node_modules/@adobe/alloy").version), loader: "js" };
    });
  },
};

const leavesOutOtherProducts = (met) => ({
  name: "leaves out other products",
  setup({ onLoad }) {
    onLoad({ filter: /alloy/ }, ({ path: file }) => {
      const part = Object.keys(LEFT_OUT).find((name) => file.endsWith(`/${name}`));
      if (!part) return undefined;
      met.add(part);
      return { contents: LEFT_OUT[part], loader: "js" };
    });
  },
});

const changesParts = (met) => ({
  name: "changes parts",
  setup({ onLoad }) {
    onLoad({ filter: /alloy-core/ }, async ({ path: file }) => {
      const part = Object.keys(CHANGED).find((name) => file.endsWith(`/${name}`));
      if (!part) return undefined;
      met.add(part);
      const published = await readFile(file, "utf8");
      return { contents: CHANGED[part].reduce((text, pair) => replaced(text, ...pair, 1), published), loader: "js" };
    });
  },
});

async function webSdk() {
  const met = new Set();
  const { metafile, outputFiles } = await build({
    entryPoints: [path.join(HERE, "web_sdk.mjs")],
    absWorkingDir: HERE,
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2019",
    charset: "utf8",
    legalComments: "none",
    write: false,
    metafile: true,
    logLevel: "error",
    // The entry is a module of the engine, which hands it `module`.
    logOverride: { "commonjs-variable-in-esm": "silent" },
    // The engine's `require`, under a name that is left alone.
    banner: { js: "var ask=require;" },
    plugins: [leavesOutTheUnused, writesTheVersion, changesParts(met), leavesOutOtherProducts(met)],
  });
  const gone = Object.keys({ ...LEFT_OUT, ...CHANGED }).filter((name) => !met.has(name));
  if (gone.length) throw new Error(`The Web SDK has no ${gone.join(", ")} any more`);
  const [{ inputs }] = Object.values(metafile.outputs);
  const used = Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0);
  return [outputFiles[0].text, [...new Set(used.map(folderOf).filter(Boolean))].sort()];
}

// A library may be put into a page, where neither may end a script or a line.
function refuseUnsafe(name, text) {
  if (/<\/script|<!--|[\u2028\u2029]/i.test(text)) throw new Error(`${name} holds text that no page may hold`);
}

const versions = {};
for (const [name, made] of Object.entries({ "engine.js": engine(), "web_sdk.js": webSdk() })) {
  const [text, folders] = await made;
  refuseUnsafe(name, text);
  await writeFile(path.join(TARGET, name), text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  versions[name] = { sha256, made_from: folders.map(origin) };
}
await writeFile(path.join(TARGET, "versions.json"), JSON.stringify(versions, null, 2) + "\n");
