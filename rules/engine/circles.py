"""Data elements that read themselves through others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from properties.catalog.descriptor import ComponentType
from properties.catalog.element_usage import elements_read
from properties.catalog.tokens import tokens_in


def circles(document: Mapping[str, Any], types: Mapping[str, ComponentType]) -> Iterator[str]:
    """Yield each circle of data elements, such as ``“A” → “B” → “A”``.

    Args:
        types: By delegate descriptor id.
    """
    reads = _reads(document, types)
    while circle := _first_circle(reads):
        yield " → ".join(f"“{name}”" for name in circle)
        for name in circle:
            reads.pop(name, None)


def _first_circle(reads: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(reads).prepare()
    except CycleError as error:
        # graphlib names who is read before who reads; we tell it the other way round.
        return list(reversed(error.args[1]))
    return []


def _reads(document: Mapping[str, Any], types: Mapping[str, ComponentType]) -> dict[str, set[str]]:
    """Data element → the data elements it reads, also through the settings of its extension."""
    elements = document.get("dataElements") or {}
    extensions = document.get("extensions") or {}
    reads = {}
    for name, entry in elements.items():
        extension = extensions.get(entry["modulePath"].partition("::")[0], {})
        own = elements_read(types.get(entry["modulePath"]), entry.get("settings"))
        found = own | tokens_in(extension.get("settings"))
        reads[name] = {token if token in elements else token.strip() for token in found}
    return reads
