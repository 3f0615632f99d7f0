"""The data elements that settings read, by tokens or by calls in JavaScript, and which are credentials."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .descriptor import ComponentType, DataElementType, Field
from .element_graph import element_graph, with_readers
from .registry import find_type
from .tokens import names_in_code, tokens_in


def code_keys(component_type: ComponentType | None) -> frozenset[str]:
    """Return the keys of the settings that hold JavaScript and accept no tokens."""
    fields = component_type.fields if component_type is not None else ()
    return frozenset(field.key for field in fields if field.type == "code")


def elements_read(component_type: ComponentType | None, settings: Any) -> set[str]:
    """Return the names of the data elements that settings read, by tokens or by calls in custom code."""
    keys = code_keys(component_type)
    if not keys or not isinstance(settings, Mapping):
        return tokens_in(settings)
    rest = {key: value for key, value in settings.items() if key not in keys}
    return tokens_in(rest).union(*(names_in_code(settings.get(key)) for key in keys))


def names_read(delegate: str, settings: Any) -> set[str]:
    """Return the names of the data elements that the settings of a component read, as spelled there."""
    return elements_read(find_type(delegate), settings)


def credential_names(elements: Iterable[tuple[str, str, Any]]) -> set[str]:
    """Return the names of the data elements that contain a stored credential, also inside a longer text.

    A data element whose code reads a credential does not count: the code may turn it into anything.

    Args:
        elements: Name, delegate and settings of each.
    """
    listed = list(elements)
    kinds = {name: find_type(delegate) for name, delegate, _ in listed}
    givers = {name for name, kind in kinds.items() if isinstance(kind, DataElementType) and kind.secret_for}
    return with_readers(givers, element_graph({name: tokens_in(settings) for name, _, settings in listed}))


def has_addresses(fields: Sequence[Field]) -> bool:
    """Return whether one of the settings is part of a URL."""
    return any(field.is_address or has_addresses(field.properties) for field in fields)


def leaks(field: Field, value: Any, credentials: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each data element in a part of a URL that contains a credential."""
    named = {name.strip() for name in tokens_in(value)} if field.is_address else set()
    for name in sorted(named & set(credentials)):
        yield (
            f"“{name}” contains a secret, and other servers log addresses. Move it to a header or the body."
        )
