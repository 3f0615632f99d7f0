"""Saving what a property owns: row, frozen revision, audit entry and signal in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import Signal

from properties.models import AuditEvent, Property, Resource, Revision

Intent = Literal["save", "library", "build"]

# Sent inside the transaction with ``resource``, ``revision``, ``actor`` and ``intent``.
resource_saved = Signal()


def _user(actor: Any) -> User | None:
    """The actor when a person acted, None when a command did."""
    return actor if isinstance(actor, User) else None


def record(prop: Property | None, type_of: str, entity: Any, actor: Any, **facts: Any) -> AuditEvent:
    """Write one audit entry; ``facts`` must hold no secret and no customer data."""
    return AuditEvent.objects.create(
        prop=prop,
        type_of=type_of,
        actor=_user(actor),
        actor_name=str(actor) if actor else "system",
        entity_uid=getattr(entity, "uid", ""),
        display_name=str(entity),
        entity=facts,
    )


@transaction.atomic
def save_resource(
    resource: Resource,
    *,
    actor: Any = None,
    intent: Intent = "save",
    write: Callable[[], None] | None = None,
) -> Revision:
    """Save the working copy and freeze a revision of it.

    Args:
        resource: New or changed, valid.
        actor: The user, or the name of a command.
        intent: ``library`` and ``build`` ask the publishing side to take the revision further.
        write: Saves what hangs on the resource (the components of a rule), after the row exists.

    Returns:
        The revision that was frozen.
    """
    verb = "updated" if resource.pk else "created"
    resource.revision_number += 1
    resource.save()
    if write:
        write()
    revision = Revision.objects.create(
        prop=resource.prop,
        kind=resource.kind,
        resource_uid=resource.uid,
        number=resource.revision_number,
        snapshot=resource.snapshot(),
        created_by=_user(actor),
    )
    record(resource.prop, f"{resource.kind}.{verb}", resource, actor, snapshot=revision.snapshot)
    resource_saved.send(type(resource), resource=resource, revision=revision, actor=actor, intent=intent)
    return revision


@transaction.atomic
def delete_resource(resource: Resource, *, actor: Any = None) -> None:
    """Remove the working copy. Its revisions and the builds that hold it stay."""
    record(resource.prop, f"{resource.kind}.deleted", resource, actor, snapshot=resource.snapshot())
    resource.delete()
