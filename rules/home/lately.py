"""What people did lately in the properties whose audit log a person may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from properties.models import RIGHTS, AuditEvent, Membership, Property

SHOWN = 4
# Reading is no news.
QUIET = ("event.body_read", "event.values_read")
# Where the type in reversed order is no sentence. A build is named by its place: nobody knows its ID.
OF_BUILDS = {"build.succeeded": "built", "build.failed": "could not build", "build.activated": "published"}


@dataclass(frozen=True, slots=True)
class Deed:
    """One audit entry as a sentence: who, what it was, and its name.

    Args:
        actor: Name of the person or command, also where ``who`` is ``You``.
    """

    who: str
    actor: str
    what: str
    name: str
    property_name: str
    at: datetime

    @property
    def initials(self) -> str:
        return self.actor[:2].upper()


def rights_of(user: Any, props: Iterable[Property]) -> dict[int, frozenset[str]]:
    """Return the rights of a person in each property. All of them together include ``own``."""
    if user.is_superuser:
        return {prop.pk: frozenset((*RIGHTS, "own")) for prop in props}
    found: Mapping[int, list[str]] = dict(
        Membership.objects.filter(user=user).values_list("prop_id", "rights")
    )
    rights = {prop.pk: frozenset(found.get(prop.pk, ())) for prop in props}
    return {pk: it | {"own"} if it.issuperset(RIGHTS) else it for pk, it in rights.items()}


def lately(user: Any, rights: Mapping[int, frozenset[str]]) -> list[Deed]:
    """Return the newest audit entries of the properties that a person owns."""
    owned = [pk for pk, it in rights.items() if "own" in it]
    if not owned:
        return []
    found = AuditEvent.objects.filter(prop__in=owned).exclude(type_of__in=QUIET).order_by("-id")
    return [_deed(entry, str(user)) for entry in found[:SHOWN]]


def _deed(entry: AuditEvent, reader: str) -> Deed:
    kind, _, verb = entry.type_of.replace("_", " ").partition(".")
    of_build, stage = OF_BUILDS.get(entry.type_of), entry.entity.get("stage", "")
    return Deed(
        who="You" if entry.actor_name == reader else entry.actor_name,
        actor=entry.actor_name,
        what=of_build or f"{verb} {kind}",
        name=f"a library for {stage.capitalize()}" if of_build else entry.display_name,
        property_name=entry.property_name,
        at=entry.created_at,
    )
