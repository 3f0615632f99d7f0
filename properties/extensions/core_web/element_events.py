"""Events of elements: their common settings and checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from properties.catalog.descriptor import EventType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.examples import Example

from .adoption import adopted
from .element_fields import ELEMENT_FIELDS, SECTIONS, check_elements, on_elements
from .sources import EVENTS


def number_in(settings: Settings, key: str) -> float | None:
    """Return a number of the settings; None if it is none, or a data element gives it."""
    value = settings.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def least(field: Field, least: float) -> Any:
    """Return a check that refuses smaller numbers in a field."""

    def check(settings: Settings) -> Iterator[Problem]:
        number = number_in(settings, field.key)
        if number is not None and number < least:
            yield Problem(field.key, field.label, f"Enter {least:g} or more, or a data element.")

    return check


def together(*checks: Any) -> Any:
    """Return a check that yields the problems of all checks."""

    def check(settings: Settings) -> Iterator[Problem]:
        for each in checks:
            yield from each(settings)

    return check


def on_element(
    name: str,
    title: str,
    description: str,
    examples: Mapping[str, Sequence[Example]],
    *,
    category: str,
    first: Sequence[Field] = (),
    more: Sequence[Field] = (),
    **parts: Any,
) -> EventType:
    """Return an event of elements: a selector, properties, and the way to the root."""
    return EventType(
        **{
            "name": name,
            "title": title,
            "description": description,
            "category": category,
            "fields": (*first, *ELEMENT_FIELDS[:2], *more, *ELEMENT_FIELDS[2:]),
            "sections": SECTIONS,
            "client": f"{name.replace('-', '_')}.js",
            "check": check_elements,
            "summary": lambda settings: f"{title}{on_elements(settings)}",
            "help_url": EVENTS,
            "replaces": (adopted("events", name),),
            "examples": examples[name],
            **parts,
        }
    )
