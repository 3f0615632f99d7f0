"""Data elements as they were for an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.registry import find_type

from .shown_values import shown_text, type_name, why_failed
from .traces import Trace


@dataclass(frozen=True, slots=True)
class ElementStory:
    """One data element that the rules needed. ``uid`` is that of the build: it may have been deleted."""

    name: str
    type: str
    path: str
    value: str
    value_type: str
    is_missing: bool
    used_default: bool
    error: str
    uid: str = ""
    logs: Sequence[Mapping[str, str]] = ()

    @property
    def is_block(self) -> bool:
        return "\n" in self.value


def element_stories(trace: Trace) -> list[ElementStory]:
    """Return every data element that was needed, those without a value first."""
    ids = {name: it["id"] for name, it in trace.document.get("dataElements", {}).items()}
    found = [_element(run, ids.get(run["name"], "")) for run in trace.data.get("elements", [])]
    return sorted(found, key=lambda it: not (it.is_missing or it.error))


def _element(run: Mapping[str, Any], uid: str) -> ElementStory:
    kind = find_type(run["delegate"])
    return ElementStory(
        name=run["name"],
        type=kind.title if kind else run["delegate"],
        path=run["path"],
        value="" if run["value"] is None else shown_text(run["value"]),
        value_type=type_name(run["value"]) if run["value"] is not None else "",
        is_missing=run["value"] is None,
        used_default=run["used_default"],
        uid=uid,
        error=why_failed(run["error"]),
        logs=run.get("logs", ()),
    )
