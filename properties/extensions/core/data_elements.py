"""Path, Constant and IP Address: what each gives for an event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Read, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.tokens import TOKEN, tokens_in

from .paths import Steps, follow, reader, steps_of

ROOTS = ("arc.event", "arc.request", "arc.ruleStash")
_ADDRESSES = (("event", "xdm", "environment", "ipV4"), ("event", "xdm", "environment", "ipV6"))


def read_path(settings: Settings) -> Read | None:
    """Read a path without tokens once, when the build is compiled."""
    return None if tokens_in(settings.get("path")) else reader(_steps(settings))


def run_path(settings: Settings, context: EventContext) -> Any:
    """Value at the path, exactly as the event has it; None when there is nothing.

    Raises:
        InvalidParameter: The tokens gave something else than text.
    """
    return follow({"arc": context.arc}, _steps(settings))


def _steps(settings: Settings) -> Steps | None:
    path = settings.get("path")
    if not isinstance(path, str):
        raise InvalidParameter("The path is no text. A data element inside of it gave nothing, or a number.")
    return steps_of(path)


def check_path(settings: Settings) -> Iterator[Problem]:
    """A path starts at one of three places and has a number in each pair of brackets."""
    path = settings.get("path")
    if not isinstance(path, str) or not path:
        return
    plain = TOKEN.sub("0", path)
    if not path.startswith("{{") and not plain.startswith(ROOTS):
        yield Problem("path", "Path", "Start the path with arc.event, such as arc.event.xdm.eventType.")
    elif steps_of(plain) is None:
        yield Problem(
            "path", "Path", "Write keys with dots, positions in brackets: arc.event.data.items[0].id."
        )


def sample_path(settings: Settings) -> str:
    """The path itself, for the event log."""
    path = settings.get("path")
    return path if isinstance(path, str) else ""


def run_constant(settings: Settings, context: EventContext) -> Any:
    """The value as it was written."""
    return settings.get("value")


def run_ip(settings: Settings, context: EventContext) -> Any:
    """The visitor's IPv4 address, else the IPv6 address, else None."""
    found = (follow(context.arc, steps) for steps in _ADDRESSES)
    return next((address for address in found if isinstance(address, str) and address), None)
