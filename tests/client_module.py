"""Runs browser modules of a package in QuickJS, with a stub for what a page and the engine provide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import _quickjs

from properties.catalog.registry import FOLDER

LOADER = """
globalThis.window = globalThis;
const logged = [];
const log = (...given) => logged.push(given.map(String).join(" "));
const turbine = {
  logger: {log, info: log, warn: log, error: log},
  environment: {stage: "development"},
  debugEnabled: false,
  getExtensionSettings: () => globalThis.extension || {},
  getDataElementValue: (name) => (globalThis.given || {})[name],
};
const loaded = {};
function load(file) {
  if (!(file in loaded)) {
    const module = {exports: {}};
    const names = ["module", "exports", "require", "turbine"];
    const run = new Function(...names, files[file]);
    run(module, module.exports, (name) => name in helpers ? helpers[name] : load(name.slice(2)), turbine);
    loaded[file] = module.exports;
  }
  return loaded[file];
}
"""


class ClientModules:
    """The folder ``client`` of a package, as on one page.

    Args:
        package: Name of the package's folder.
        before: JavaScript that runs first. ``helpers`` holds the modules of the engine.
    """

    def __init__(self, package: str, before: str = "") -> None:
        folder = FOLDER / package / "client"
        files = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.js"))}
        self.context = _quickjs.Context()
        self.context.eval(f"const files = {json.dumps(files)}; const helpers = {{}};{LOADER}")
        self.context.eval(before)

    def run(self, code: str, **given: Any) -> Any:
        """Return what the body of a function returns, as JSON; ``load(file)`` gives a module."""
        names, values = ", ".join(given), ", ".join(json.dumps(value) for value in given.values())
        text = self.context.eval(f"JSON.stringify({{value: (({names}) => {{ {code} }})({values})}})")
        return json.loads(text).get("value")

    def call(self, file: str, settings: Any, event: Any = None) -> Any:
        """Return what a module gives for settings and an event."""
        return self.run(f"return load({json.dumps(file)})(settings, event)", settings=settings, event=event)

    def finish(self) -> None:
        """Run what waits for a promise."""
        while self.context.execute_pending_job():
            pass

    @property
    def logged(self) -> list[str]:
        found: list[str] = self.run("return logged")
        return found


def client_files(package: str) -> list[Path]:
    return sorted((FOLDER / package / "client").glob("*.js"))
