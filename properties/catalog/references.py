"""References to stored credentials, ``{"$secret": name}``: settings, documents and builds hold no value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SECRET = "$secret"  # noqa: S105 - the key that refers to a credential, not one


def secret_name(value: Any) -> str | None:
    """The name when ``value`` is ``{"$secret": name}``, else None."""
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(SECRET), str):
        return str(value[SECRET])
    return None
