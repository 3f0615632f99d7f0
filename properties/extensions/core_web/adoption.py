"""Converts what an export of Adobe's tags holds, where its settings differ from ours.

Source: adobe/reactor-extension-core, extension.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from properties.catalog.descriptor import Adopt, Settings

ADOBE = "core"
HTML = "HTML became JavaScript that adds it at the end of the page. Scripts in it do not run."
SCRIPTS = "Its HTML has scripts, which do not run here. Write what they do as JavaScript."
GLOBAL = (
    "Its variables were global. Here they stay inside the code: write window.name where the page reads one."
)
_ADDS_HTML = "document.body.insertAdjacentHTML('beforeend', "
# Adobe's engine replaces tokens in HTML; a text between percent signs that names nothing stays.
_WITH_VALUES = """.replace(/%([^%\\r\\n]+)%/g, (text, name) => {
  const value = _satellite.getVar(name, event);
  return value === undefined ? text : value;
})"""

_TOKEN = re.compile(r"%[^%\r\n]+%")


def adopted(kind: str, name: str) -> str:
    """Return the delegate descriptor id of Adobe's type."""
    return f"{ADOBE}::{kind}::{name}"


def rows_from(key: str) -> Adopt:
    """Return a function that turns the older ``value`` and ``valueIsRegex`` into one row of ``key``."""

    def adopt(settings: Settings) -> tuple[dict[str, Any], list[str]]:
        kept = {name: value for name, value in settings.items() if name not in ("value", "valueIsRegex")}
        if "value" not in settings or isinstance(settings.get(key), list):
            return kept, []
        row = {"value": settings["value"]}
        if settings.get("valueIsRegex") is True:
            row["valueIsRegex"] = True
        return {**kept, key: [row]}, []

    return adopt


def adopt_change(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the values of a change as rows. An empty one, which Adobe's form leaves, means any value."""
    kept, notes = rows_from("acceptableChangeValues")(settings)
    rows = kept.get("acceptableChangeValues")
    filled = (
        [row for row in rows if isinstance(row, dict) and row.get("value")] if isinstance(rows, list) else []
    )
    kept.pop("acceptableChangeValues", None)
    return {**kept, "acceptableChangeValues": filled} if filled else kept, notes


def adopt_code(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the code as JavaScript, the only language here."""
    source = settings.get("source")
    if settings.get("language") == "html" and isinstance(source, str):
        text = json.dumps(source, ensure_ascii=False).replace("</", "<\\/")
        values = _WITH_VALUES if _TOKEN.search(source) else ""
        return {"source": f"{_ADDS_HTML}{text}{values});"}, [HTML]
    return {"source": source}, [GLOBAL] if settings.get("global") is True else []


def lacks_scripts(settings: Settings) -> Iterator[str]:
    """Yield a sentence about HTML with scripts, which cannot be carried over."""
    source = settings.get("source")
    if isinstance(source, str) and source.startswith(_ADDS_HTML) and "<script" in source.lower():
        yield SCRIPTS
