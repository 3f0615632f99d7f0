"""Groups component types by category, for the pickers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from .descriptor import ComponentType

Offered = TypeVar("Offered", bound=ComponentType)


def by_category(types: Iterable[tuple[str, Offered]]) -> list[tuple[str, list[tuple[str, Offered]]]]:
    """Return ``(category, [(delegate id, type), …])``, the categories in the order of their first types."""
    found: dict[str, list[tuple[str, Offered]]] = {}
    for delegate, kind in types:
        found.setdefault(kind.category, []).append((delegate, kind))
    return list(found.items())
