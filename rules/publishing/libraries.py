"""The working library: which revisions go into the next build, and what it inherits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from properties.models import DataElement, Extension, Property, Resource, Revision
from properties.saving import record
from rules.models import Library, LibraryResource, Rule

from .content import Content

ROWS_AT_ONCE = 500
RESOURCE_MODELS: tuple[type[Resource], ...] = (Extension, DataElement, Rule)


@dataclass(frozen=True, slots=True)
class Change:
    """A resource whose newest revision is neither in the working library nor published."""

    resource: Resource
    revision: Revision
    is_new: bool


class NotEditable(Exception):
    """Only a library in development takes and gives resources."""


def open_library(prop: Property) -> Library | None:
    """The library in development that edits of this property go to, if there is one."""
    return Library.objects.filter(prop=prop, state=Library.State.DEVELOPMENT).first()


@transaction.atomic
def working_library(prop: Property, actor: Any = None) -> Library:
    """The library in development of this property; made when there is none.

    Until the transaction ends nobody else publishes it.
    """
    library = _locked().filter(prop=prop, state=Library.State.DEVELOPMENT).first()
    return library or _new_library(prop, actor)


def _new_library(prop: Property, actor: Any) -> Library:
    """Two people who begin at the same moment get the same one."""
    Property.objects.select_for_update(no_key=True).get(pk=prop.pk)
    if library := open_library(prop):
        return library
    number = Library.objects.filter(prop=prop).count() + 1
    library = Library.objects.create(prop=prop, name=f"Library {number}")
    record(prop, "library.created", library, actor)
    return library


@transaction.atomic
def add_resource(library: Library, resource: Resource | Revision) -> LibraryResource:
    """Put the newest revision of a resource, or one certain revision, into a library.

    Raises:
        NotEditable: The library is not in development.
    """
    _require_development(library)
    revision = resource if isinstance(resource, Revision) else newest_revision(resource)
    entry, _ = LibraryResource.objects.update_or_create(
        library=library, resource_uid=revision.resource_uid, defaults={"revision": revision}
    )
    return entry


@transaction.atomic
def add_all_changed(library: Library) -> list[LibraryResource]:
    """Put everything that was saved since it was last published or added into a library.

    Raises:
        NotEditable: The library is not in development.
    """
    _require_development(library)
    entries = [
        LibraryResource(library=library, resource_uid=change.resource.uid, revision=change.revision)
        for change in changed_resources(library.prop)
    ]
    return LibraryResource.objects.bulk_create(
        entries,
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["library", "resource_uid"],
        update_fields=["revision"],
    )


@transaction.atomic
def remove_resource(library: Library, resource_uid: str) -> None:
    """Take a resource out of a library; its working copy stays as it is.

    Raises:
        NotEditable: The library is not in development.
    """
    _require_development(library)
    library.resources.filter(resource_uid=resource_uid).delete()


def newest_revision(resource: Resource) -> Revision:
    return Revision.objects.get(resource_uid=resource.uid, number=resource.revision_number)


def resources_of(prop: Property) -> list[Resource]:
    """Every extension, data element and rule of a property, in the order of the pages."""
    return [resource for model in RESOURCE_MODELS for resource in _rows(model, prop)]


def changed_resources(prop: Property) -> list[Change]:
    """Resources whose newest revision is neither in the working library nor published."""
    published = {r.resource_uid: r.number for r in published_revisions(prop)}
    taken = published | {r.resource_uid: r.number for r in revisions_in(open_library(prop))}
    changed = [r for r in resources_of(prop) if taken.get(r.uid) != r.revision_number]
    newest = _newest_revisions(changed)
    return [Change(r, newest[r.uid], r.uid not in published) for r in changed]


def standings(prop: Property) -> dict[str, str]:
    """Resource uid → ``published``, ``in_library``, ``changed`` or ``new``, for its newest revision."""
    held = {r.resource_uid for r in revisions_in(open_library(prop))}
    changed = {c.resource.uid: "new" if c.is_new else "changed" for c in changed_resources(prop)}
    return {
        r.uid: changed.get(r.uid) or ("in_library" if r.uid in held else "published")
        for r in resources_of(prop)
    }


def revisions_in(library: Library | None) -> list[Revision]:
    """The revisions that a library itself holds."""
    if library is None:
        return []
    entries = library.resources.select_related("revision").order_by("revision__kind", "id")
    return [entry.revision for entry in entries]


def published_revisions(prop: Property) -> list[Revision]:
    """The newest published revision of each resource: what every library inherits."""
    entries = (
        LibraryResource.objects.filter(library__prop=prop, library__state=Library.State.PUBLISHED)
        .select_related("revision")
        .order_by("library__published_at", "library_id")
    )
    return list({entry.resource_uid: entry.revision for entry in entries}.values())


def revisions_for_build(prop: Property, library: Library | None) -> list[Revision]:
    """What a build of this library holds: the published baseline, overlaid by its own revisions.

    Resources that the property no longer has are left out. Sorted by kind and name.

    Source: adobe-event-forwarding, "Library": content of a build.
    """
    present = {resource.uid for resource in resources_of(prop)}
    newest = {r.resource_uid: r for r in (*published_revisions(prop), *revisions_in(library))}
    kept = [revision for uid, revision in newest.items() if uid in present]
    return sorted(kept, key=lambda r: (r.kind, revision_name(r), r.resource_uid))


def revision_name(revision: Revision) -> str:
    """What the resource was called when it was frozen."""
    return str(revision.snapshot.get("name") or revision.snapshot.get("display_name", ""))


def content_of(revisions: Iterable[Revision]) -> Content:
    """The snapshots of revisions, by kind."""
    kinds: dict[str, list[Any]] = {model.kind: [] for model in RESOURCE_MODELS}
    for revision in revisions:
        kinds[revision.kind].append(revision.snapshot)
    return Content(tuple(kinds["extension"]), tuple(kinds["data_element"]), tuple(kinds["rule"]))


def _rows(model: type[Resource], prop: Property) -> Iterable[Resource]:
    return model._default_manager.filter(prop=prop)


def _newest_revisions(resources: Iterable[Resource]) -> dict[str, Revision]:
    numbers = {resource.uid: resource.revision_number for resource in resources}
    found = Revision.objects.filter(resource_uid__in=numbers)
    return {r.resource_uid: r for r in found if r.number == numbers[r.resource_uid]}


def locked(library: Library) -> Library:
    """The library as it is now; until the transaction ends nobody else changes or publishes it."""
    return _locked().get(pk=library.pk)


def _locked() -> QuerySet[Library]:
    return Library.objects.select_for_update(no_key=True)


def _require_development(library: Library) -> None:
    now = locked(library)
    if now.state != Library.State.DEVELOPMENT:
        raise NotEditable(f"{now} is {now.get_state_display().lower()} and can no longer be edited.")
