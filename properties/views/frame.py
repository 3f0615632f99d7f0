"""What other apps add to the frame of each page of a property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.dispatch import Signal
from django.http import HttpRequest

from properties.models import Property

# Sent with ``request`` and ``prop`` when a page is rendered. Receivers return a ``FramePart`` or None.
# They run on every page: few queries, and the same number for every property.
frame_asked_for = Signal()
# Sent with ``props`` when a page above all properties is rendered. Receivers return a ``PropertySign`` by the
# id of each property, in as many queries for many properties as for one.
signs_asked_for = Signal()


@dataclass(frozen=True, slots=True)
class FramePart:
    """What one app adds to the frame.

    Args:
        numbers: Numbers in the navigation by URL name. Zero is not shown.
        library: The working library, for ``capi/library_bar.html``.
        hidden: URL names of pages that the navigation leaves out, because this property has no use for them.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    library: Any = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PropertySign:
    """The state of a property in the navigation: an icon, and how many issues are open."""

    icon: str
    open: int = 0


def signs_of(props: Sequence[Property]) -> dict[int, PropertySign]:
    """Return the states of properties, by id."""
    answers: Any = signs_asked_for.send(Property, props=props)
    return {pk: sign for _, found in answers for pk, sign in (found or {}).items()}


def frame_of(request: HttpRequest, prop: Property) -> FramePart:
    """Return what all apps add, asked for once a request."""
    if not hasattr(request, "frame"):
        request.frame = _asked(request, prop)  # type: ignore[attr-defined]
    found: FramePart = request.frame  # type: ignore[attr-defined]
    return found


def _asked(request: HttpRequest, prop: Property) -> FramePart:
    answers: Any = frame_asked_for.send(Property, request=request, prop=prop)
    parts: list[FramePart] = [part for _, part in answers if part]
    numbers = {name: number for part in parts for name, number in part.numbers.items()}
    library = next((part.library for part in parts if part.library), None)
    return FramePart(numbers, library, frozenset[str]().union(*(part.hidden for part in parts)))
