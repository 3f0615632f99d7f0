"""Partners' extensions whose request Adobe or the partner publishes: one module each, found automatically.

A module has ``PARTNERS``, a sequence of :class:`properties.catalog.substitutes.Substitute`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from properties.catalog.substitutes import Substitute


def partners() -> Iterator[Substitute]:
    """Yield every partner action that a fetch call can replace, sorted by module name."""
    for module in sorted(found.name for found in iter_modules(__path__)):
        yield from import_module(f"{__name__}.{module}").PARTNERS
