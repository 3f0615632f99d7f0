"""Finding the readers of a data element. Every app that keeps settings answers a signal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.dispatch import Signal
from django.urls import reverse

from properties.catalog.element_graph import meant
from properties.catalog.element_usage import names_read
from properties.models import DataElement, Property
from properties.secrets.uses import Usage

# Sent with ``prop`` and the ``name`` of a data element. Receivers return a list of ``Usage``.
readers_asked_for = Signal()


def readers_of(prop: Property, name: str) -> list[Usage]:
    """Return everything in a property that names a data element in its settings or code."""
    answers: Any = readers_asked_for.send(DataElement, prop=prop, name=name)
    others = [reader for _, found in answers for reader in found or ()]
    return [*_elements(prop, name), *_extensions(prop, name), *others]


def reads_element(delegate: str, settings: Any, name: str) -> bool:
    """Return whether settings of a component name the data element."""
    return name in meant(names_read(delegate, settings), {name})


def _elements(prop: Property, name: str) -> Iterator[Usage]:
    for element in prop.dataelements.exclude(name=name):
        if reads_element(element.delegate, element.settings, name):
            url = reverse("properties:data_element_edit", args=[prop.uid, element.uid])
            yield Usage("Data element", element.name, url)


def _extensions(prop: Property, name: str) -> Iterator[Usage]:
    for extension in prop.extensions.all():
        if reads_element("", extension.settings, name):
            url = reverse("properties:extension_edit", args=[prop.uid, extension.uid])
            yield Usage("Extension", extension.display_name, url)
