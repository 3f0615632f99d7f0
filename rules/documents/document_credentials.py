"""Replaces the plain-text credentials of a document by their names, and stores them encrypted."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.descriptor import ComponentType, Field
from properties.catalog.dotted import holder_of
from properties.catalog.references import by_stage
from properties.catalog.tokens import tokens_in
from properties.secrets.credentials import free_name, reference

# One value for every environment, or values by stage for the environments of these stages only.
Credential = str | Mapping[str, str]


@dataclass(slots=True)
class Vault:
    """Collects credentials under names that no other setting of the document uses.

    Args:
        taken: Names that settings of the document already refer to.
        values: Name → plain value, or plain values by stage; for the database only.
    """

    taken: set[str]
    values: dict[str, Credential] = field(default_factory=dict)

    def take(self, name: str, value: Credential) -> dict[str, str]:
        """Keep ``value`` and return the reference that replaces it."""
        free = free_name(name, self.taken)
        self.taken.add(free)
        self.values[free] = value
        return reference(free)


def without_credentials(
    settings: Mapping[str, Any], component_type: ComponentType, owner: str, vault: Vault
) -> dict[str, Any]:
    """Return a copy of settings with its plain credentials moved to the vault.

    Args:
        owner: First part of the credentials' names, such as ``Purchase / Acme Conversions``.
    """
    cleaned = copy.deepcopy(dict(settings))
    for container, key, label in _secret_places(component_type.fields, cleaned):
        value = container[key]
        if by_stage(value) or (isinstance(value, str) and value and not tokens_in(value)):
            container[key] = vault.take(f"{owner} {label}", value)
    return cleaned


def _secret_places(
    fields: Sequence[Field], settings: dict[str, Any], prefix: str = ""
) -> Iterator[tuple[dict[str, Any], str, str]]:
    for spec in fields:
        container, key = holder_of(settings, spec.key)
        if container is None or key not in container:
            continue
        label = f"{prefix}{spec.label}"
        if spec.type == "secret":
            yield container, key, label
        for inner, inner_label in _rows(container[key], label):
            yield from _secret_places(spec.properties, inner, f"{inner_label} ")


def _rows(value: Any, label: str) -> Iterable[tuple[dict[str, Any], str]]:
    if isinstance(value, dict):
        return [(value, label)]
    if isinstance(value, list):
        return [(row, f"{label} {i}") for i, row in enumerate(value, 1) if isinstance(row, dict)]
    return []
