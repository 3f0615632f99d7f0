"""Which settings and which data elements hold customer data or credentials, found once for a build."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from properties.catalog.code import elements_read
from properties.catalog.descriptor import ComponentType, Field
from properties.catalog.tokens import tokens_in, whole_token

from .compiled import Element

Path = tuple[str, ...]


def private_paths(component_type: ComponentType) -> frozenset[Path]:
    """Keys of the settings that are hashed before they leave, or are credentials; list positions left out."""
    return frozenset(_private(component_type.fields, ()))


def _private(fields: Iterable[Field], above: Path) -> Iterator[Path]:
    for field in fields:
        path = (*above, *field.key.split("."))
        if field.hashed or field.type == "secret":
            yield path
        yield from _private(field.properties, path)


def private_elements(
    uses: Iterable[tuple[frozenset[Path], Mapping[str, Any]]], elements: Mapping[str, Element]
) -> frozenset[str]:
    """Names of the data elements whose values are masked.

    Those that feed a private setting, those that feed these, and those that are made from any of them.

    Args:
        uses: Keys of private settings with the settings they are in, tokens in place.
        elements: All data elements by name.
    """
    reads = {name: elements_read(element.type, element.settings) for name, element in elements.items()}
    found = {token for private, settings in uses for token in _fed(settings, private, ())}
    found = _closure(found, lambda known: {token for name in known for token in reads.get(name, ())})
    return frozenset(_closure(found, lambda known: {name for name, read in reads.items() if read & known}))


def _closure(names: set[str], step: Any) -> set[str]:
    while more := step(names) - names:
        names = names | more
    return names


def _fed(value: Any, private: frozenset[Path], path: Path) -> Iterator[str]:
    if path in private:
        yield from tokens_in(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _fed(item, private, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _fed(item, private, path)
    elif (name := whole_token(value)) and any(one[: len(path)] == path for one in private):
        yield name
