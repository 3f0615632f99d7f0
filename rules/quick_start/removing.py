"""Deletes what a run has created, in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from properties.catalog.references import names_in
from properties.models import Extension, Property
from properties.saving import delete_resource, record
from properties.secrets.uses import uses_of
from rules.models import QuickStartRun

from .making import rows_of
from .working import new_items

SIDES = ("tags", "forwarding")


def created_whole(run: QuickStartRun, side: str) -> bool:
    """Return whether the run has created the property itself, not only resources in it."""
    return any(kind == "property" for kind, _ in run.listed(side, "new"))


@transaction.atomic
def remove(run: QuickStartRun, actor: Any) -> None:
    """Delete the properties that a run has created, its resources in others, and the run itself."""
    for side in SIDES:
        prop: Property | None = getattr(run, side)
        if prop is None:
            continue
        if created_whole(run, side):
            record(prop, "property.deleted", prop, actor)
            prop.delete()
        else:
            _remove_resources(run, side, prop, actor)
    QuickStartRun.objects.filter(pk=run.pk).delete()


def _remove_resources(run: QuickStartRun, side: str, prop: Property, actor: Any) -> None:
    rows = rows_of(prop, new_items(run, side))
    names = {name for row in rows if isinstance(row, Extension) for name in names_in(row.settings)}
    # Rules first: a data element that a rule uses goes after the rule.
    for row in reversed(rows):
        delete_resource(row, actor=actor)
    for secret in prop.secrets.filter(name__in=names):
        if not uses_of(secret):
            record(prop, "secret.deleted", secret, actor, type=secret.type_of)
            secret.delete()
