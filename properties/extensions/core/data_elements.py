"""Path, Constant and IP Address: their values for an event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Read, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.tokens import TOKEN, tokens_in

from .paths import follow, read, reader, ways_of

ROOTS = ("event", "request", "ruleStash")
_QUOTED = re.compile(r"""\[["'].{0,200}["']\]""")
_ADDRESSES = (("event", "xdm", "environment", "ipV4"), ("event", "xdm", "environment", "ipV6"))


def read_path(settings: Settings) -> Read | None:
    """Return a function that reads the path, if it has no tokens: it is then parsed once per build."""
    path = settings.get("path")
    return None if tokens_in(path) or not isinstance(path, str) else reader(path)


def run_path(settings: Settings, context: EventContext) -> Any:
    """Return the value at the path, exactly as the event has it; None if the path leads nowhere.

    Raises:
        InvalidParameter: A token's value is not text.
    """
    path = settings.get("path")
    if not isinstance(path, str):
        raise InvalidParameter("The path is not a text. A data element in it returned null or a number.")
    return read({"arc": context.arc}, ways_of(path))


def advise_path(settings: Settings) -> Iterator[Problem]:
    """Yield advice about a path that no event can match. Adobe accepts it and returns nothing."""
    path = settings.get("path")
    if isinstance(path, str) and path and (message := _odd(path)):
        yield Problem("path", "Path", message)


def _odd(path: str) -> str:
    """Return a sentence about an unusual path; "" if a data element may make it valid."""
    if path.startswith("{{"):
        return ""
    plain = TOKEN.sub("0", path)
    steps = ways_of(plain)[0]
    if steps[0] != "arc":
        return "No event has this path. Start it with arc.event, as in arc.event.xdm.eventType."
    if len(steps) > 1 and steps[1] not in ("0", *ROOTS):
        return f"No event has this path: arc holds only {', '.join(ROOTS)}."
    if "" in steps:
        return "A key is missing at the end, between two dots or in brackets. Most likely, no event has it."
    if any(char in step for step in steps for char in "[]") and not _QUOTED.search(plain):
        return "This reads a key with a bracket in its name. For the first item of a list, write items[0]."
    return ""


def sample_path(settings: Settings) -> str:
    """Return the path itself, for the event log."""
    path = settings.get("path")
    return path if isinstance(path, str) else ""


def run_constant(settings: Settings, context: EventContext) -> Any:
    """Return the value as typed."""
    return settings.get("value")


def run_ip(settings: Settings, context: EventContext) -> Any:
    """Return the visitor's IPv4 address, else the IPv6 address, else None."""
    found = (follow(context.arc, steps) for steps in _ADDRESSES)
    return next((address for address in found if isinstance(address, str) and address), None)
