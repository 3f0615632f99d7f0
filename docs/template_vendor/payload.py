"""Builds one event as Acme takes it."""

from __future__ import annotations

from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.customer_data.cleaning import EMPTY, Hints, UnusableValue
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Rejected
from properties.catalog.outbound import Warn

from .parameters import PARAMETERS, Parameter


def build_event(settings: Settings, context: EventContext) -> tuple[dict[str, Any], tuple[Warn, ...]]:
    """Return the event, and a warning for each value that was left out.

    Raises:
        Rejected: Acme would refuse it.

    Source: https://docs.acme.example/conversions#event
    """
    hints = Hints(context.received_at, default_country=context.default_country)
    event, user = _values("event", settings, hints), _values("user", settings, hints)
    event.setdefault("event_time", int(context.received_at))
    missing = [row.label for row in PARAMETERS if row.required and row.name not in event]
    if missing:
        _reject(f"{' and '.join(missing)} must not be empty.", "incomplete", hints)
    if not user:
        _reject("Acme needs at least one field about the customer.", "nobody", hints)
    return {**event, "user": user}, tuple(hints.warnings)


def _values(section: str, settings: Settings, hints: Hints) -> dict[str, Any]:
    rows = [row for row in PARAMETERS if row.section == section]
    found = {row.name: _value(row, settings.get(row.key), hints) for row in rows}
    return {name: value for name, value in found.items() if value is not None}


def _value(row: Parameter, given: Any, hints: Hints) -> Any:
    """The value in Acme's form; None, with a warning, if it cannot be brought to it."""
    if given in EMPTY:
        return None
    hints.place = (row.key, row.label)
    try:
        return row.normalize(given, hints)
    except UnusableValue as error:
        hints.lose(str(error), error.code)
        return None


def _reject(message: str, code: str, hints: Hints) -> None:
    raise Rejected(message, code=code, warnings=hints.warnings)
