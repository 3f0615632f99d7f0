"""Runs a web build document through Adobe's published engine, and as a library of ours, in equal pages."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from rules.publishing.web_library import engine_name, library

from .web_documents import CLIENT, PACKAGES, PROBE, Document, read

HARNESS = Path(__file__).with_name("web_engines.js")


class WebEngines:
    """A Node process that runs both."""

    def __init__(self, node: str, engine: Path) -> None:
        command = [node, str(HARNESS), str(engine)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> WebEngines:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, document: Document, visits: int = 1) -> dict[str, Any]:
        """Return what both have called, shown and stored in a number of visits of the page, one by one."""
        name = engine_name(document["environment"]["id"])
        made = library(document, PACKAGES, read)
        return self.ask(document=document, library=made, name=name, modules=_modules(), visits=visits)

    def ask(self, **line: Any) -> dict[str, Any]:
        """Run Adobe's engine on ``document`` and the given library; ``web_engines.js`` describes the line."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "crash" not in answer, answer["crash"]
        return answer


def _modules() -> Document:
    """Return the probes for Adobe's container: every module, used or not, as its files are."""
    types = {f"probe/{it.client}": {"name": it.name, "displayName": it.title} for it in PROBE.types()}
    return {
        "paths": {PROBE.delegate_id(it): f"probe/{it.client}" for it in PROBE.types()},
        "scripts": {
            path: {**types.get(path, {}), "text": file.read_text("utf-8")}
            for file in sorted(CLIENT.glob("*.js"))
            if (path := f"probe/{file.name}")
        },
    }
