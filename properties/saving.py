"""Saving what a property owns: row, frozen revision, audit entry and signal in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from properties.audit.actor import acting
from properties.audit.differences import differences
from properties.models import AuditEvent, Property, Resource, Revision

ROWS_AT_ONCE = 500
SELDOM = timedelta(minutes=15)
Intent = Literal["save", "library", "build"]


@dataclass(frozen=True, slots=True)
class Further:
    """What became of a saved resource beyond its row, for the notice on the next page.

    Args:
        text: Sentences that begin with a blank; empty when there is nothing to tell.
        label: Of a link to ``url`` that shows more.
        is_trouble: It did not become what was asked for.
    """

    text: str
    label: str = ""
    url: str = ""
    is_trouble: bool = False


# Receivers return a ``Further`` or None.
# Sent inside the transaction with ``resource``, ``revision``, ``actor`` and ``intent``.
resource_saved = Signal()


def _user(actor: Any) -> User | None:
    """The actor when a person acted, None when a command did."""
    return actor if isinstance(actor, User) else None


def record(prop: Property | None, type_of: str, entity: Any, actor: Any, **facts: Any) -> AuditEvent:
    """Write one audit entry.

    Args:
        prop: Where it happened; the entry outlives it.
        type_of: ``<kind>.<verb>``.
        entity: What it happened to.
        actor: The user, the name of a command, or None for whoever acts in this thread.
        facts: What else is to know, as JSON types. They must hold no secret and no customer data:
            ``differences`` makes such ones of two states.
    """
    entry = _entry(prop, type_of, entity, actor, facts)
    entry.save()
    return entry


def record_seldom(prop: Property, type_of: str, entity: Any, actor: Any) -> None:
    """For what repeats itself: write no second entry of a person within a quarter of an hour."""
    earlier = AuditEvent.objects.filter(prop=prop, actor=actor, type_of=type_of)
    last = earlier.order_by("-id").values_list("created_at", flat=True).first()
    if last is None or timezone.now() - last > SELDOM:
        record(prop, type_of, entity, actor)


def record_code_secrets(prop: Property, actor: Any) -> AuditEvent:
    """Note that custom code may, or may not, read secrets from now on."""
    word = "allowed" if prop.code_reads_secrets else "refused"
    return record(prop, f"property.code_secrets_{word}", prop, actor)


def _entry(prop: Property | None, type_of: str, entity: Any, actor: Any, facts: dict[str, Any]) -> AuditEvent:
    actor = actor or acting()
    return AuditEvent(
        prop=prop,
        property_uid=prop.uid if prop else "",
        property_name=prop.name if prop else "",
        type_of=type_of,
        actor=_user(actor),
        actor_name=str(actor)[:255] if actor else "system",
        entity_uid=str(getattr(entity, "uid", ""))[:40],
        display_name=str(entity)[:255],
        entity=facts,
    )


def _changes(resource: Resource, revision: Revision) -> dict[str, Any]:
    """For the audit entry: the number of the revision, and what it changed."""
    earlier = Revision.objects.filter(resource_uid=resource.uid, number__lt=revision.number)
    last = earlier.order_by("-number").values_list("snapshot", flat=True).first()
    return {"revision": revision.number, **differences(last or {}, revision.snapshot)}


def _all_of(revision: Revision) -> dict[str, Any]:
    return {"revision": revision.number, **differences(None, revision.snapshot)}


def _frozen(resource: Resource, actor: Any) -> Revision:
    return Revision(
        prop=resource.prop,
        kind=resource.kind,
        resource_uid=resource.uid,
        number=resource.revision_number,
        snapshot=resource.snapshot(),
        created_by=_user(actor),
    )


def _next_number(resource: Resource) -> int:
    """One more than the row has, which somebody else may have saved since it was read here."""
    row = type(resource)._default_manager.select_for_update().filter(pk=resource.pk)
    stored = row.values_list("revision_number", flat=True).first() if resource.pk else None
    return max(stored or 0, resource.revision_number) + 1


@transaction.atomic
def save_resource(
    resource: Resource,
    *,
    actor: Any = None,
    intent: Intent = "save",
    write: Callable[[], None] | None = None,
    tell: Callable[[Further], None] | None = None,
) -> Revision:
    """Save the working copy and freeze a revision of it.

    Args:
        resource: New or changed, valid.
        actor: The user, or the name of a command.
        intent: ``library`` and ``build`` ask the publishing side to take the revision further.
        write: Saves what hangs on the resource (the components of a rule), after the row exists.
        tell: Hears what became of the revision.

    Returns:
        The revision that was frozen.
    """
    verb = "updated" if resource.pk else "created"
    resource.revision_number = _next_number(resource)
    resource.save()
    if write:
        write()
    revision = _frozen(resource, actor)
    revision.save()
    record(resource.prop, f"{resource.kind}.{verb}", resource, actor, **_changes(resource, revision))
    facts: Any = {"resource": resource, "revision": revision, "actor": actor, "intent": intent}
    answers: Any = resource_saved.send(type(resource), **facts)
    for _, further in answers:
        if tell and further:
            tell(further)
    return revision


@transaction.atomic
def create_resources(
    resources: Sequence[Resource], *, actor: Any = None, write: Callable[[], None] | None = None
) -> None:
    """Save many new resources of one property and kind as ``save_resource`` does, in few statements.

    Args:
        resources: New and valid.
        actor: The user, or the name of a command.
        write: Saves what hangs on the resources, after their rows exist.
    """
    if not resources:
        return
    for resource in resources:
        resource.revision_number = 1
    type(resources[0])._default_manager.bulk_create(resources, batch_size=ROWS_AT_ONCE)
    if write:
        write()
    revisions = [_frozen(resource, actor) for resource in resources]
    Revision.objects.bulk_create(revisions, batch_size=ROWS_AT_ONCE)
    AuditEvent.objects.bulk_create(
        [
            _entry(each.prop, f"{each.kind}.created", each, actor, _all_of(revision))
            for each, revision in zip(resources, revisions, strict=True)
        ],
        batch_size=ROWS_AT_ONCE,
    )
    for resource, revision in zip(resources, revisions, strict=True):
        resource_saved.send(type(resource), resource=resource, revision=revision, actor=actor, intent="save")


@transaction.atomic
def delete_resource(resource: Resource, *, actor: Any = None) -> None:
    """Remove the working copy. Its revisions and the builds that hold it stay."""
    gone = {"revision": resource.revision_number, **differences(resource.snapshot(), None)}
    record(resource.prop, f"{resource.kind}.deleted", resource, actor, **gone)
    resource.delete()
