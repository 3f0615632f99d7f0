"""References to stored credentials, ``{"$secret": name}``. Settings, documents and builds hold no values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SECRET = "$secret"  # noqa: S105 - the key that refers to a credential, not one
STAGES = ("development", "staging", "production")


def secret_name(value: Any) -> str | None:
    """Return the name if ``value`` is ``{"$secret": name}``, else None."""
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(SECRET), str):
        return str(value[SECRET])
    return None


def names_in(value: Any) -> Iterator[str]:
    """Yield the name of every secret that a JSON value refers to."""
    name = secret_name(value)
    if name is not None:
        yield name
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from names_in(inner)


def by_stage(value: Any) -> Mapping[str, str]:
    """Return a document's values by stage, ``{"production": "<credential>"}``; empty if there are none."""
    if not isinstance(value, Mapping) or not set(value) <= set(STAGES):
        return {}
    return value if all(isinstance(each, str) and each for each in value.values()) else {}
