"""Who uses a secret: asked of every part that keeps settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.dispatch import Signal
from django.urls import reverse

from properties.catalog.descriptor import DataElementType
from properties.catalog.registry import find_type
from properties.credentials import names_in
from properties.models import Environment, Secret

# Sent with ``secret`` and the names of the data elements that give it; receivers return a list of ``User``.
users_asked_for = Signal()


@dataclass(frozen=True, slots=True)
class User:
    """Something that refers to a secret."""

    kind: str
    name: str
    url: str = ""


def users_of(secret: Secret) -> list[User]:
    """Everything that would lack the secret if it were gone."""
    elements = list(_elements(secret))
    names = {user.name for user in elements}
    answers: Any = users_asked_for.send(Secret, secret=secret, element_names=names)
    others = [user for _, found in answers for user in found or ()]
    return [*elements, *_extensions(secret), *_datastreams(secret), *others]


def secret_names_of(delegate: str, settings: Any) -> set[str]:
    """Names of the secrets that the settings of a component refer to."""
    kind = find_type(delegate)
    chosen = kind.secret_for if isinstance(kind, DataElementType) else None
    by_stage = {chosen(settings, stage) for stage in Environment.Stage.values} if chosen else set()
    return {name for name in by_stage if name} | set(names_in(settings))


def _elements(secret: Secret) -> Iterator[User]:
    prop = secret.prop
    for element in prop.dataelements.all():
        if secret.name in secret_names_of(element.delegate, element.settings):
            url = reverse("properties:data_element_edit", args=[prop.uid, element.uid])
            yield User("Data element", element.name, url)


def _extensions(secret: Secret) -> Iterator[User]:
    prop = secret.prop
    for extension in prop.extensions.all():
        if secret.name in names_in(extension.settings):
            url = reverse("properties:extension_edit", args=[prop.uid, extension.uid])
            yield User("Extension", extension.display_name, url)


def _datastreams(secret: Secret) -> Iterator[User]:
    prop = secret.prop
    for environment in prop.environments.select_related("datastream"):
        if secret.name in names_in(environment.datastream.keys):
            url = reverse("properties:datastream_edit", args=[prop.uid, environment.uid])
            yield User("Datastream", environment.name, url)
