"""The working library: the revisions for the next build, and those that it inherits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Value

from properties.models import DataElement, Extension, Property, Resource, Revision
from properties.saving import record
from rules.models import Library, LibraryResource, Rule

from .content import Content

ROWS_AT_ONCE = 500
# Values of ``publishing_states``: neither in the working library nor published.
OUTSIDE = ("newer", "changed", "new")
RESOURCE_MODELS: tuple[type[Resource], ...] = (Extension, DataElement, Rule)


@dataclass(frozen=True, slots=True)
class Change:
    """A resource whose newest revision is neither in the working library nor published."""

    resource: Resource
    revision: Revision
    is_new: bool


class NotEditable(Exception):
    """The library is not in development: resources can be neither added nor removed."""


def open_library(prop: Property) -> Library | None:
    """Return the library in development that edits of this property go to, if there is one."""
    return Library.objects.filter(prop=prop, state=Library.State.DEVELOPMENT).first()


@transaction.atomic
def working_library(prop: Property, actor: Any = None, *, name: str = "") -> Library:
    """Return the library in development of this property; create it if there is none.

    It is locked: until the transaction ends, nobody else can publish it.

    Args:
        name: Of a new one. It has a number by default.
    """
    library = _locked().filter(prop=prop, state=Library.State.DEVELOPMENT).first()
    return library or _new_library(prop, actor, name)


def _new_library(prop: Property, actor: Any, name: str) -> Library:
    """Create a library; two people who start at the same moment share one."""
    Property.objects.select_for_update(no_key=True).get(pk=prop.pk)
    if library := open_library(prop):
        return library
    number = Library.objects.filter(prop=prop).count() + 1
    library = Library.objects.create(prop=prop, name=name or f"Library {number}")
    record(prop, "library.created", library, actor)
    return library


@transaction.atomic
def add_resource(library: Library, resource: Resource | Revision) -> LibraryResource:
    """Put the newest revision of a resource, or a given revision, into a library.

    Raises:
        NotEditable: The library is not in development.
    """
    require_development(library)
    revision = resource if isinstance(resource, Revision) else newest_revision(resource)
    entry, _ = LibraryResource.objects.update_or_create(
        library=library, resource_uid=revision.resource_uid, defaults={"revision": revision, "taken_for": ""}
    )
    return entry


@transaction.atomic
def add_all_changed(library: Library) -> list[LibraryResource]:
    """Put every resource that was saved since it was last published or added into a library.

    Raises:
        NotEditable: The library is not in development.
    """
    require_development(library)
    entries = [
        LibraryResource(library=library, resource_uid=change.resource.uid, revision=change.revision)
        for change in changed_resources(library.prop)
    ]
    return LibraryResource.objects.bulk_create(
        entries,
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["library", "resource_uid"],
        update_fields=["revision", "taken_for"],
    )


@transaction.atomic
def remove_resource(library: Library, resource_uid: str) -> None:
    """Remove a resource from a library; its working copy stays as it is.

    Raises:
        NotEditable: The library is not in development.
    """
    require_development(library)
    library.resources.filter(resource_uid=resource_uid).delete()


def newest_revision(resource: Resource) -> Revision:
    return Revision.objects.get(resource_uid=resource.uid, number=resource.revision_number)


def resources_of(prop: Property) -> list[Resource]:
    """Return every extension, data element and rule of a property, in the order of the pages."""
    return [resource for model in RESOURCE_MODELS for resource in _rows(model, prop)]


def present_uids(prop: Property) -> set[str]:
    """Return the uid of every resource that a property has now."""
    return set(_newest_numbers(prop))


def count_changed(prop: Property) -> int:
    """Return how many resources ``changed_resources`` would return, without reading them."""
    return sum(state in OUTSIDE for state in publishing_states(prop).values())


def changed_resources(prop: Property) -> list[Change]:
    """Return the resources whose newest revision is neither in the working library nor published."""
    states = publishing_states(prop)
    changed = _with_uids(prop, {uid for uid, state in states.items() if state in OUTSIDE})
    newest = revisions_numbered({r.uid: r.revision_number for r in changed})
    return [Change(r, newest[r.uid], states[r.uid] == "new") for r in changed]


def _with_uids(prop: Property, uids: Set[str]) -> list[Resource]:
    """Return the resources with these uids, in the order of the pages. Few uids need few rows."""
    if not uids:
        return []
    rows: list[Any] = [model._default_manager.filter(prop=prop) for model in RESOURCE_MODELS]
    if len(uids) <= ROWS_AT_ONCE:
        rows = [found.filter(uid__in=uids) for found in rows]
    return [resource for found in rows for resource in found if resource.uid in uids]


def publishing_states(prop: Property) -> dict[str, str]:
    """Return the state of each newest revision by resource uid: ``published``, ``in_library`` or ``OUTSIDE``.

    ``newer`` means that the working library holds an older revision. An undone edit does not count.
    """
    return states_of(_newest_numbers(prop), published_numbers(prop), held_numbers(open_library(prop)))


def states_of(
    newest: Mapping[str, int], published: Mapping[str, int], held: Mapping[str, int]
) -> dict[str, str]:
    """Return the states of resources by uid, from the numbers of their revisions."""
    published, held = _same_as_newest(published, newest), _same_as_newest(held, newest)
    return {uid: _state(number, published.get(uid), held.get(uid)) for uid, number in newest.items()}


def _state(newest: int, published: int | None, held: int | None) -> str:
    if held is not None:
        return "in_library" if newest == held else "newer"
    if published is None:
        return "new"
    return "published" if newest == published else "changed"


def _same_as_newest(numbers: Mapping[str, int], newest: Mapping[str, int]) -> dict[str, int]:
    """Replace a number by the newest one if both revisions hold the same content, as after an undo."""
    other = {uid: number for uid, number in numbers.items() if newest.get(uid, number) != number}
    then, now = revisions_numbered(other), revisions_numbered({uid: newest[uid] for uid in other})
    same = {uid for uid in other if uid in then and uid in now and then[uid].snapshot == now[uid].snapshot}
    return {uid: newest[uid] if uid in same else number for uid, number in numbers.items()}


def revisions_in(library: Library | None) -> list[Revision]:
    """Return the revisions that a library itself holds."""
    entries = _held(library).select_related("revision").order_by("revision__kind", "id")
    return [entry.revision for entry in entries]


def revisions_for_build(prop: Property, library: Library | None) -> list[Revision]:
    """Return the revisions of a build: the published baseline, overlaid by the library's own revisions.

    Resources that the property no longer has are left out. Sorted by kind and name.

    Source: docs/reference/adobe.md, "Libraries and builds".
    """
    present, newest = present_uids(prop), _revision_ids(_published(prop)) | _revision_ids(_held(library))
    kept = Revision.objects.in_bulk([pk for uid, pk in newest.items() if uid in present])
    return sorted(kept.values(), key=lambda r: (r.kind, revision_name(r), r.resource_uid))


def revisions_numbered(numbers: Mapping[str, int]) -> dict[str, Revision]:
    """Return the revision with the given number by resource uid. No other revisions are read whole."""
    uids, found = list(numbers), list[int]()
    for start in range(0, len(uids), ROWS_AT_ONCE):
        rows = Revision.objects.filter(resource_uid__in=uids[start : start + ROWS_AT_ONCE])
        listed = rows.values_list("pk", "resource_uid", "number")
        found += [pk for pk, uid, number in listed if numbers[uid] == number]
    return {r.resource_uid: r for r in Revision.objects.in_bulk(found).values()}


def revision_name(revision: Revision) -> str:
    """Return the name that the resource had when it was frozen."""
    return str(revision.snapshot.get("name") or revision.snapshot.get("display_name", ""))


def content_of(revisions: Iterable[Revision]) -> Content:
    """Return the snapshots of revisions, by kind."""
    kinds: dict[str, list[Any]] = {model.kind: [] for model in RESOURCE_MODELS}
    for revision in revisions:
        kinds[revision.kind].append(revision.snapshot)
    return Content(tuple(kinds["extension"]), tuple(kinds["data_element"]), tuple(kinds["rule"]))


def _rows(model: type[Resource], prop: Property) -> Iterable[Resource]:
    if model is Rule:
        return Rule.objects.filter(prop=prop).prefetch_related("components")
    return model._default_manager.filter(prop=prop)


def _newest_numbers(prop: Property) -> dict[str, int]:
    """Return the number of the newest revision by resource uid."""
    return {uid: number for _, uid, number in newest_by_kind(prop)}


def newest_by_kind(prop: Property) -> list[tuple[str, str, int]]:
    """Return the kind, uid and newest revision number of every resource of a property, in one query."""
    first, *others = (_named_numbers(model, prop) for model in RESOURCE_MODELS)
    return list(first.union(*others, all=True))


def _named_numbers(model: type[Resource], prop: Property) -> QuerySet[Any]:
    rows: Any = model._default_manager.filter(prop=prop).order_by()
    return rows.values_list(Value(model.kind), "uid", "revision_number")  # type: ignore[no-any-return]


def _published(prop: Property) -> QuerySet[LibraryResource]:
    """Return everything that was ever published, which every library inherits; the latest entries last."""
    entries = LibraryResource.objects.filter(library__prop=prop, library__state=Library.State.PUBLISHED)
    return entries.order_by("library__published_at", "library_id")


def _held(library: Library | None) -> QuerySet[LibraryResource]:
    return library.resources.all() if library else LibraryResource.objects.none()


def published_numbers(prop: Property) -> dict[str, int]:
    """Return the number of the revision that was published last, by resource uid."""
    return dict(_published(prop).values_list("resource_uid", "revision__number"))


def held_numbers(library: Library | None) -> dict[str, int]:
    """Return the number of the revision that a library itself holds, by resource uid."""
    return dict(_held(library).values_list("resource_uid", "revision__number"))


def _revision_ids(entries: QuerySet[LibraryResource]) -> dict[str, int]:
    """Return the key of the revision in the last entry, by resource uid."""
    return dict(entries.values_list("resource_uid", "revision_id"))


def locked(library: Library) -> Library:
    """Return the library as it is now. Until the transaction ends, nobody else can change or publish it."""
    return _locked().get(pk=library.pk)


def _locked() -> QuerySet[Library]:
    return Library.objects.select_for_update(no_key=True)


def require_development(library: Library) -> None:
    """Refuse a library that can no longer be edited.

    Raises:
        NotEditable: The library is not in development.
    """
    now = locked(library)
    if now.state != Library.State.DEVELOPMENT:
        raise NotEditable(f"{now} is {now.get_state_display().lower()} and can no longer be edited.")
