"""Finding the readers of a data element. Every app that keeps settings answers a signal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.dispatch import Signal
from django.urls import reverse

from properties.catalog.descriptor import ComponentType
from properties.catalog.element_graph import meant
from properties.catalog.element_usage import code_keys, names_read
from properties.catalog.form_layout import layout
from properties.catalog.registry import find_type
from properties.catalog.tokens import names_in_code, names_set_in, tokens_in
from properties.models import DataElement, Property
from properties.secrets.uses import Usage

# Sent with ``prop`` and the ``name`` of a data element. Receivers return a list of ``Usage``.
readers_asked_for = Signal()

# Sent with ``prop``. Receivers return settings that may hold code.
code_asked_for = Signal()


def variables_of(prop: Property) -> set[str]:
    """Return the names that custom code of a tags property sets by ``_satellite.setVar``."""
    answers: Any = code_asked_for.send(DataElement, prop=prop)
    others = [settings for _, found in answers for settings in found or ()]
    return names_set_in([*prop.dataelements.values_list("settings", flat=True), *others])


def readers_of(prop: Property, name: str) -> list[Usage]:
    """Return everything in a property that names a data element in its settings or code."""
    answers: Any = readers_asked_for.send(DataElement, prop=prop, name=name)
    others = [reader for _, found in answers for reader in found or ()]
    return [*_elements(prop, name), *_extensions(prop, name), *others]


def fields_reading(kind: ComponentType | None, settings: Any, name: str) -> tuple[str, ...]:
    """Return the labels of the fields that name the data element, in tokens or in code."""
    nodes = layout(kind.fields if kind else (), settings)
    labels = {leaf.path: leaf.spec.label for node in nodes for leaf in node.leaves()}
    code = code_keys(kind)
    found = [
        labels.get(path, path)
        for path, text in _texts(settings)
        if name in meant(names_in_code(text) if path in code else tokens_in(text), {name})
    ]
    return tuple(dict.fromkeys(found))


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")


def reads_element(delegate: str, settings: Any, name: str) -> bool:
    """Return whether settings of a component name the data element."""
    return name in meant(names_read(delegate, settings), {name})


def _elements(prop: Property, name: str) -> Iterator[Usage]:
    others = prop.dataelements.exclude(name=name).values_list("uid", "name", "delegate", "settings")
    for uid, other, delegate, settings in others:
        if reads_element(delegate, settings, name):
            url = reverse("properties:data_element_edit", args=[prop.uid, uid])
            yield Usage("Data element", other, url, fields_reading(find_type(delegate), settings, name))


def _extensions(prop: Property, name: str) -> Iterator[Usage]:
    for extension in prop.extensions.all():
        if reads_element("", extension.settings, name):
            url = reverse("properties:extension_edit", args=[prop.uid, extension.uid])
            kind = extension.package.configuration if extension.package else None
            yield Usage(
                "Extension", extension.display_name, url, fields_reading(kind, extension.settings, name)
            )
