"""Finds the settings and data elements of a build that hold customer data or credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from properties.catalog.descriptor import ComponentType, DataElementType, Field
from properties.catalog.element_graph import element_graph, meant, with_inputs, with_readers
from properties.catalog.element_usage import elements_read
from properties.catalog.references import secret_name
from properties.catalog.tokens import LONGEST_NAME, tokens_in, whole_token

from .compiled import Element
from .masking import CREDENTIAL_NAMES

Path = tuple[str, ...]
_AFTER_SCHEME = re.compile(rf"\b(?:Bearer|Basic)\s+\{{\{{([^}}]{{1,{LONGEST_NAME}}}+)\}}\}}")


def private_paths(component_type: ComponentType) -> frozenset[Path]:
    """Return the keys of settings that are hashed before they leave, or are credentials.

    Positions in lists are left out.
    """
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
    """Return the names of the data elements whose values are masked.

    These are the data elements that feed a private setting or take the place of a credential, all that they
    read, and all that read any of them. A stored credential shows its name instead.

    Args:
        uses: Keys of private settings with the settings that they are in, tokens unresolved.
        elements: All data elements by name.
    """
    graph = element_graph({name: elements_read(it.type, it.settings) for name, it in elements.items()})
    uses = list(uses)
    fed = {token for private, settings in uses for token in _fed(settings, private, ())}
    carried = {token for _, settings in uses for token in _carried(settings)}
    carried = {
        name for name in meant(carried, elements) & elements.keys() if not _gives_secret(elements[name])
    }
    return frozenset(with_readers(with_inputs(meant(fed, elements) | carried, graph), graph))


def _carried(value: Any) -> Iterator[str]:
    """Yield data elements in the place of a credential, such as ``Bearer {{Token}}``."""
    if isinstance(value, str):
        yield from _AFTER_SCHEME.findall(value)
    elif isinstance(value, Mapping):
        named = [*value.items(), (value.get("key"), value.get("value"))]
        wholes = (whole_token(item) for key, item in named if key in CREDENTIAL_NAMES)
        yield from (name for name in wholes if name)
        yield from (name for item in value.values() for name in _carried(item))
    elif isinstance(value, list):
        yield from (name for item in value for name in _carried(item))


def _gives_secret(element: Element) -> bool:
    is_secret = isinstance(element.type, DataElementType) and element.type.secret_for is not None
    return is_secret or any(secret_name(value) is not None for value in element.settings.values())


def _fed(value: Any, private: frozenset[Path], path: Path) -> Iterator[str]:
    if path in private:
        yield from tokens_in(value)
    elif path not in _ways(private):
        return
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _fed(item, private, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _fed(item, private, path)
    elif name := whole_token(value):
        yield name


@lru_cache(maxsize=1024)
def _ways(private: frozenset[Path]) -> frozenset[Path]:
    """Return the paths of everything that may contain a private setting."""
    return frozenset(path[:length] for path in private for length in range(len(path)))
