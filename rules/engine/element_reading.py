"""How a data element gets its value: by reading the event, or by running its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.descriptor import ComponentType, DataElementType, Read, Run, Settings
from properties.catalog.javascript import clean

from .compiled import Tidy
from .failures import RuleFailed, explain


def runnable(delegate: str, component_type: ComponentType, settings: Settings) -> Run | None:
    """Return the function to call for each event.

    Settings that cannot be prepared were refused when they were saved. If a build has such settings anyway,
    they fail the rules that use them, not the whole build.
    """
    if read := reader(component_type, settings):
        return lambda settings, context: read(context.arc)
    if component_type.prepare is None:
        return component_type.run
    try:
        return component_type.prepare(settings)
    except Exception as error:
        return _failing(explain(error, delegate))


def reader(component_type: ComponentType, settings: Settings) -> Read | None:
    """Return the function that reads a data element from ``arc``; None if reading is not enough."""
    if not isinstance(component_type, DataElementType) or component_type.read is None:
        return None
    try:
        return component_type.read(settings)
    except Exception:
        return None  # Its ``run`` fails in the same way, and says why.


def tidying(entry: Mapping[str, Any]) -> Tidy | None:
    """Return the function that tidies a text, as set by *Clean text* and *Force lower case*."""
    if not entry.get("cleanText"):
        return str.lower if entry.get("forceLowerCase") else None
    return (lambda text: clean(text).lower()) if entry.get("forceLowerCase") else clean


def finished(find: Read, default: Any, tidy: Tidy | None) -> Read:
    """Return a function that reads a value, uses the default for a missing one, and tidies a text."""
    if default is None and tidy is None:
        return find

    def read(arc: Mapping[str, Any]) -> Any:
        value = find(arc)
        value = default if value is None else value
        return tidy(value) if tidy and isinstance(value, str) else value

    return read


def _failing(reason: str) -> Run:
    def fail(settings: Settings, context: object) -> None:
        raise RuleFailed(reason)

    return fail
