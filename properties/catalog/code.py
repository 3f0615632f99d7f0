"""Settings that are JavaScript: which they are, and what settings with them read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .descriptor import ComponentType
from .tokens import names_in_code, tokens_in


def code_keys(component_type: ComponentType | None) -> frozenset[str]:
    """Keys of the settings that are JavaScript and take no tokens."""
    fields = component_type.fields if component_type is not None else ()
    return frozenset(field.key for field in fields if field.type == "code")


def elements_read(component_type: ComponentType | None, settings: Any) -> set[str]:
    """Names of the data elements that settings read: by tokens, or by calls in custom code."""
    keys = code_keys(component_type)
    if not keys or not isinstance(settings, Mapping):
        return tokens_in(settings)
    rest = {key: value for key, value in settings.items() if key not in keys}
    return tokens_in(rest).union(*(names_in_code(settings.get(key)) for key in keys))
