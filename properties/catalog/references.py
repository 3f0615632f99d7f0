"""References to stored credentials, ``{"$secret": name}``: settings, documents and builds hold no value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SECRET = "$secret"  # noqa: S105 - the key that refers to a credential, not one
STAGES = ("development", "staging", "production")


def secret_name(value: Any) -> str | None:
    """The name when ``value`` is ``{"$secret": name}``, else None."""
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(SECRET), str):
        return str(value[SECRET])
    return None


def by_stage(value: Any) -> Mapping[str, str]:
    """What a document gives for single stages, ``{"production": "<credential>"}``; empty when it does not."""
    if not isinstance(value, Mapping) or not set(value) <= set(STAGES):
        return {}
    return value if all(isinstance(each, str) and each for each in value.values()) else {}
