"""Saving resources: row, frozen revision, audit entry and signal in one transaction."""

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
    """What else happened to a saved resource, such as a build, for the notice on the next page.

    Args:
        text: Sentences, each after a space. Empty if there is nothing to report.
        label: Label of a link to ``url``, which shows more.
        is_trouble: Whether the request for a build or for a library failed.
    """

    text: str
    label: str = ""
    url: str = ""
    is_trouble: bool = False


# Sent inside the transaction with ``resource``, ``revision``, ``actor`` and ``intent``.
# Receivers return a ``Further`` or None.
resource_saved = Signal()


def _user(actor: Any) -> User | None:
    """Return the actor if it is a user, None if it is a command."""
    return actor if isinstance(actor, User) else None


def record(prop: Property | None, type_of: str, entity: Any, actor: Any, **facts: Any) -> AuditEvent:
    """Write one audit entry.

    Args:
        prop: The property in which it happened. The entry outlives it.
        type_of: ``<kind>.<verb>``.
        entity: The object that it happened to.
        actor: The user, the name of a command, or None for the actor of this thread.
        facts: Further details, as JSON types, without secrets and customer data. ``differences`` returns
            such details of two states.
    """
    entry = _entry(prop, type_of, entity, actor, facts)
    entry.save()
    return entry


def record_seldom(prop: Property, type_of: str, entity: Any, actor: Any) -> None:
    """Write one audit entry, at most once every 15 minutes for each person, property and type."""
    earlier = AuditEvent.objects.filter(prop=prop, actor=actor, type_of=type_of)
    last = earlier.order_by("-id").values_list("created_at", flat=True).first()
    if last is None or timezone.now() - last > SELDOM:
        record(prop, type_of, entity, actor)


def record_code_secrets(prop: Property, actor: Any) -> AuditEvent:
    """Record whether custom code may read secrets from now on."""
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
    """Return the number of the revision and what it changed, for the audit entry."""
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
    """Return the number after the stored one, which may have risen since this row was read."""
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
    report: Callable[[Further], None] | None = None,
) -> Revision:
    """Save the working copy and freeze a revision of it.

    Args:
        resource: A valid resource, new or changed.
        actor: The user, or the name of a command.
        intent: ``library`` and ``build`` ask the publishing side to take the revision further.
        write: Saves what belongs to the resource, such as the components of a rule, once its row exists.
        report: Receives what else happened to the revision.

    Returns:
        The frozen revision.
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
        if report and further:
            report(further)
    return revision


@transaction.atomic
def create_resources(
    resources: Sequence[Resource], *, actor: Any = None, write: Callable[[], None] | None = None
) -> None:
    """Save many new resources of one property and kind, in few statements. See ``save_resource``.

    Args:
        resources: New and valid.
        actor: The user, or the name of a command.
        write: Saves what belongs to the resources, once their rows exist.
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
    """Delete the working copy. Its revisions stay, and so do the builds that hold them."""
    gone = {"revision": resource.revision_number, **differences(resource.snapshot(), None)}
    record(resource.prop, f"{resource.kind}.deleted", resource, actor, **gone)
    resource.delete()
