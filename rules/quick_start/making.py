"""Makes what a plan lacks, in one transaction, and builds it for development."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from properties.models import DataElement, Environment, Extension, Property
from properties.resources.embedding import Embedding
from rules.documents import apply_document
from rules.documents.adding import add_document
from rules.documents.applying import wait_for_turn
from rules.documents.resources import environments_of
from rules.models import Build, Library, Rule
from rules.publishing.build import live_build, publish_if_changed
from rules.publishing.libraries import add_all_changed, add_resource, working_library
from rules.publishing.needs import complete

from .planning import Item, Order, SetupPlan, Side, plan_of

LIBRARY = "Quick Start"
_ROWS: dict[str, tuple[Any, str]] = {
    "extensions": (Extension, "package_name"),
    "data_elements": (DataElement, "name"),
    "rules": (Rule, "name"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """Both properties as they are now, and the plan that led to them."""

    plan: SetupPlan
    forwarding: Property
    tags: Property


@transaction.atomic
def make(order: Order, actor: Any) -> Made:
    """Create what both properties lack. Nothing that exists changes.

    Raises:
        NotPossible: See ``plan_of``.
        InvalidDocument: Something cannot be added to a property that exists. Nothing was created.
    """
    wait_for_turn()
    plan = plan_of(order)
    forwarding = _written(plan.forwarding, actor)
    return Made(plan, forwarding, _written(plan.tags, actor))


def _written(side: Side, actor: Any) -> Property:
    if side.prop is None:
        return apply_document(side.document, actor=actor).prop
    if not side.is_complete:
        add_document(side.document, side.prop, actor=actor)
    return side.prop


def publish_in_development(prop: Property, new: Sequence[Item], actor: Any) -> Build | None:
    """Build what was made for development, and make it live. A second call builds nothing again.

    Returns:
        The build, which may have failed; None if nothing was made and development runs a build.
    """
    environment = development_of(prop)
    if not new and live_build(environment) is not None:
        return None
    # Not in one transaction: compiling would block other writers on SQLite.
    return publish_if_changed(prop, _library_with(prop, new, actor), environment, actor)


@transaction.atomic
def _library_with(prop: Property, new: Sequence[Item], actor: Any) -> Library:
    """Return the library in development, with the new resources and what they need."""
    library = working_library(prop, actor, name=LIBRARY)
    if any(item.kind == "property" for item in new):
        add_all_changed(library)
        return library
    for row in rows_of(prop, new):
        add_resource(library, row)
    complete(library)
    return library


def rows_of(prop: Property, items: Sequence[Item]) -> list[Any]:
    """Return the resources of a property by the names of items; those that are gone are left out."""
    found: list[Any] = []
    for kind, (model, column) in _ROWS.items():
        names = [item.name for item in items if item.kind == kind]
        found += model._default_manager.filter(prop=prop, **{f"{column}__in": names})
    return found


def development_of(prop: Property) -> Environment:
    """Return the oldest environment for development."""
    return environments_of(prop)[Environment.Stage.DEVELOPMENT]


def addresses(tags: Property, forwarding: Property) -> dict[str, dict[str, str]]:
    """Return the public facts of each stage."""
    sources, targets = environments_of(tags), environments_of(forwarding)
    return {
        stage: {
            "library_url": Embedding(sources[stage]).url,
            "embed_code": Embedding(sources[stage]).code,
            "datastream_id": targets[stage].datastream.uid,
        }
        for stage in Environment.Stage.values
        if stage in sources and stage in targets
    }
