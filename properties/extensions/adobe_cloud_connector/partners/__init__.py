"""Extensions of partners whose request Adobe or the partner publishes: one module each, found by being here.

A module has ``PARTNERS``, a sequence of :class:`properties.catalog.substitutes.Substitute`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from properties.catalog.substitutes import Substitute


def partners() -> Iterator[Substitute]:
    """Every action of a partner that a fetch call can carry, by name of the module."""
    for module in sorted(found.name for found in iter_modules(__path__)):
        yield from import_module(f"{__name__}.{module}").PARTNERS
