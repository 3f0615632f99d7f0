"""Finding where a secret is used. Every app that keeps settings answers a signal."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from django.dispatch import Signal
from django.urls import reverse

from properties.catalog.descriptor import DataElementType
from properties.catalog.element_graph import element_graph, meant, with_readers
from properties.catalog.registry import find_type
from properties.catalog.tokens import tokens_in
from properties.models import DataElement, Environment, Secret
from properties.secrets.credentials import names_in

# Sent with ``secret`` and the names of the data elements that return it.
# Receivers return a list of ``Usage``.
uses_asked_for = Signal()


@dataclass(frozen=True, slots=True)
class Usage:
    """One thing that uses a secret or a data element.

    Args:
        fields: Labels of the fields that name it, if they are known.
    """

    kind: str
    name: str
    url: str = ""
    fields: tuple[str, ...] = ()


def uses_of(secret: Secret) -> list[Usage]:
    """Return everything that would fail if the secret were deleted."""
    elements = list(secret.prop.dataelements.select_related("prop"))
    givers = {it.name for it in elements if secret.name in secret_names_of(it.delegate, it.settings)}
    names = with_readers(givers, element_graph({it.name: tokens_in(it.settings) for it in elements}))
    answers: Any = uses_asked_for.send(Secret, secret=secret, element_names=names)
    others = [use for _, found in answers for use in found or ()]
    return [
        *(_element(it) for it in elements if it.name in names),
        *_extensions(secret, names),
        *_datastreams(secret),
        *others,
    ]


def uses_secret(settings: Any, name: str, element_names: Set[str]) -> bool:
    """Return whether settings name the secret, or one of the data elements that return it."""
    return name in names_in(settings) or bool(meant(tokens_in(settings), element_names) & element_names)


def secret_names_of(delegate: str, settings: Any) -> set[str]:
    """Return the names of the secrets that the settings of a component refer to."""
    kind = find_type(delegate)
    chosen = kind.secret_for if isinstance(kind, DataElementType) else None
    by_stage = {chosen(settings, stage) for stage in Environment.Stage.values} if chosen else set()
    return {name for name in by_stage if name} | set(names_in(settings))


def _element(element: DataElement) -> Usage:
    url = reverse("properties:data_element_edit", args=[element.prop.uid, element.uid])
    return Usage("Data element", element.name, url)


def _extensions(secret: Secret, element_names: Set[str]) -> Iterator[Usage]:
    prop = secret.prop
    for extension in prop.extensions.all():
        if uses_secret(extension.settings, secret.name, element_names):
            url = reverse("properties:extension_edit", args=[prop.uid, extension.uid])
            yield Usage("Extension", extension.display_name, url)


def _datastreams(secret: Secret) -> Iterator[Usage]:
    prop = secret.prop
    for environment in prop.environments.filter(datastream__isnull=False).select_related("datastream"):
        if secret.name in names_in(environment.datastream.keys):
            url = reverse("properties:datastream_edit", args=[prop.uid, environment.uid])
            yield Usage("Datastream", environment.name, url)
