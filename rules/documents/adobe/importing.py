"""Imports from Adobe: first makes a plan that changes nothing, then imports all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from properties.catalog.tokens import names_set_in, tokens_of
from properties.models import Property
from properties.resources.linked_property import forwarding_properties
from properties.saving import record

from ..applying import apply_document
from ..reading import InvalidDocument
from ..shapes import DocumentProblem
from .conversion import convert
from .fitting import fit
from .import_draft import ImportDraft
from .listing import read_listing

IMPORTED = "property.imported"


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The plan of an import.

    Args:
        draft: The property document, valid here, and its report.
    """

    draft: ImportDraft

    @property
    def name(self) -> str:
        return str(self.draft.document["property"]["name"])

    def facts(self) -> dict[str, Any]:
        """Return counts and lists, without any credential."""
        return {"imported": self.draft.counts(), **self.draft.report.to_json()}


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import."""

    prop: Property
    plan: ImportPlan

    def to_json(self) -> dict[str, Any]:
        """Return the public output of the command."""
        return {"property_id": self.prop.uid, "property": self.prop.name, **self.plan.facts()}


def plan_import(content: bytes, name: str = "", forwarding: str = "") -> ImportPlan:
    """Return the plan of an import; change nothing.

    Args:
        content: Content of the file; see ``listing``.
        name: Name of the new property; empty for the name in the file.
        forwarding: Name of the property of event forwarding that gets the events of a tags property.

    Raises:
        InvalidDocument: The file cannot be imported, a property of its name exists, or none of the name
            ``forwarding``.
    """
    listing = read_listing(content)
    if forwarding and not forwarding_properties().filter(name=forwarding).exists():
        message = f"There is no property of event forwarding “{forwarding}”."
        raise InvalidDocument([DocumentProblem("$.forwarding", message)])
    with tokens_of(listing.platform):
        draft = convert(listing, name, forwarding)
        plan = ImportPlan(draft)
        _refuse_used_name(plan.name)
    with tokens_of(listing.platform, lambda: names_set_in(draft.every_settings())):
        fit(draft)
    return plan


@transaction.atomic
def carry_out(plan: ImportPlan, actor: Any = "import_adobe") -> Imported:
    """Create the property of a plan.

    Args:
        plan: As :func:`plan_import` returned it.
        actor: The user, who gets every right in the property, or the name of a command.

    Raises:
        InvalidDocument: Nothing was changed.
    """
    _refuse_used_name(plan.name)
    prop = apply_document(plan.draft.document, actor=actor).prop
    record(prop, IMPORTED, prop, actor, **plan.facts())
    return Imported(prop, plan)


def _refuse_used_name(name: str) -> None:
    if Property.objects.filter(name=name).exists():
        message = f"There is already a property “{name}”. Choose another name for the new one."
        raise InvalidDocument([DocumentProblem("$.name", message)])
