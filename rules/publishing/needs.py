"""Finds the extensions, data elements and secrets that resources need to be built, directly or indirectly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from properties.catalog.element_graph import meant, reached
from properties.catalog.element_usage import names_read
from properties.models import DataElement, Extension, Property, Resource, Revision
from properties.secrets.uses import secret_names_of
from rules.models import Library, LibraryResource

from .content import Snapshot, components_of, package_name
from .libraries import (
    RESOURCE_MODELS,
    add_resource,
    newest_revision,
    require_development,
    revision_name,
    revisions_for_build,
)

ICONS = {"extension": "puzzle", "data_element": "braces", "rule": "rule"}
NOUNS = {"extension": "extension", "data_element": "data element", "rule": "rule"}


@dataclass(frozen=True, slots=True)
class Need:
    """A resource of the property that a build uses but does not hold.

    Args:
        user_uid: Uid of the first resource that uses it.
    """

    resource: Resource
    user_uid: str

    @property
    def icon(self) -> str:
        return ICONS[self.resource.kind]

    @property
    def noun(self) -> str:
        return NOUNS[self.resource.kind]

    def __str__(self) -> str:
        return f"{self.noun} {self.resource.display_name}"


def needs_of(prop: Property, revisions: Sequence[Revision], roots: Iterable[Revision]) -> list[Need]:
    """Return the resources that ``roots`` use, directly or not, and ``revisions`` lack, in order of use.

    If a revision uses a name that no longer exists, for example before a renaming, its own newest revision
    is needed. Resources that the property lacks or has disabled are left to the check of the build.
    """
    held = {revision.resource_uid: revision.number for revision in revisions}
    present, missing = _held(revisions), _working_copies(prop)
    known = {name for kind, name in (*present, *missing) if kind == DataElement.kind}
    found: dict[str, Need] = {}

    def used_by(user: _User) -> Iterator[_User]:
        for key in _uses(user.kind, user.snapshot, known) if user.snapshot["enabled"] else ():
            if key in present:
                yield present[key]
                continue
            resource = missing.get(key) or _newer(prop, user.kind, user.uid, held)
            if resource and resource.uid not in found:
                found[resource.uid] = Need(resource, user.uid)
                yield _User(resource.uid, resource.kind, resource.snapshot(), is_held=False)

    reached((_User(it.resource_uid, it.kind, it.snapshot) for it in roots), used_by)
    return list(found.values())


def library_needs(library: Library) -> list[Need]:
    """Return the resources that a build of everything that a library holds and inherits would lack."""
    revisions = revisions_for_build(library.prop, library)
    return needs_of(library.prop, revisions, revisions)


@transaction.atomic
def complete(library: Library) -> list[Need]:
    """Add everything that a library needs.

    Raises:
        NotEditable: The library is not in development.
    """
    return _take_along(library, library_needs(library))


@transaction.atomic
def add_with_needs(library: Library, revision: Revision) -> list[Need]:
    """Add a revision and its missing needs to a library; return the needs that were added.

    Raises:
        NotEditable: The library is not in development.
    """
    add_resource(library, revision)
    revisions = revisions_for_build(library.prop, library)
    return _take_along(library, needs_of(library.prop, revisions, [revision]))


@transaction.atomic
def remove_with_needs(library: Library, resource_uid: str) -> list[str]:
    """Remove a resource, and the needs that were added only for it.

    Returns:
        Names of the needs that were removed.

    Raises:
        NotEditable: The library is not in development.
    """
    require_development(library)
    library.resources.filter(resource_uid=resource_uid).delete()
    gone: dict[str, Revision] = {}
    while lone := _lone(library):
        gone |= {entry.resource_uid: entry.revision for entry in lone}
        library.resources.filter(pk__in=[entry.pk for entry in lone]).delete()
    for need in library_needs(library) if gone else ():
        if revision := gone.pop(need.resource.uid, None):
            _take(library, revision, need.user_uid)  # Another resource in the library needs it, too.
    return [revision_name(revision) for revision in gone.values()]


def secrets_used(revisions: Iterable[Revision]) -> set[str]:
    """Return the names of the secrets that resources and their components refer to."""
    return {
        name
        for revision in revisions
        for delegate, settings in _parts(revision.kind, revision.snapshot)
        for name in secret_names_of(delegate, settings)
    }


def listed(needs: Sequence[Need]) -> str:
    """Return the needs as text, such as ``extension Core, data element Email and 4 more``."""
    names = [str(need) for need in needs]
    return f"{', '.join(names[:4])} and {len(names) - 4} more" if len(names) > 5 else ", ".join(names)


# Inside

Key = tuple[str, str]  # Kind, and the name of the package or data element.


@dataclass(frozen=True, slots=True)
class _User:
    """A resource that may use others, from a build or from its working copy."""

    uid: str
    kind: str
    snapshot: Snapshot = field(compare=False)
    is_held: bool = True


def _held(revisions: Iterable[Revision]) -> dict[Key, _User]:
    """Return the resources of a build by the names that settings use."""
    named = (
        it for it in revisions if it.snapshot["enabled"] and it.kind in (Extension.kind, DataElement.kind)
    )
    return {_key(it.kind, it.snapshot): _User(it.resource_uid, it.kind, it.snapshot) for it in named}


def _working_copies(prop: Property) -> dict[Key, Resource]:
    rows: list[Resource] = [*prop.extensions.filter(enabled=True), *prop.dataelements.filter(enabled=True)]
    return {_key(row.kind, row.snapshot()): row for row in rows}


def _newer(prop: Property, kind: str, uid: str, held: Mapping[str, int]) -> Resource | None:
    """Return the working copy of a resource, if the build holds an older revision of it."""
    rows: Any = next(it for it in RESOURCE_MODELS if it.kind == kind)._default_manager
    found: Resource | None = rows.filter(prop=prop, uid=uid).first()
    return found if found and found.revision_number != held.get(uid, found.revision_number) else None


def _key(kind: str, snapshot: Snapshot) -> Key:
    return kind, snapshot["package"] if kind == Extension.kind else snapshot["name"]


def _uses(kind: str, snapshot: Snapshot, known: set[str]) -> Iterator[Key]:
    for delegate, settings in _parts(kind, snapshot):
        if delegate:
            yield Extension.kind, package_name(delegate)
        for name in sorted(meant(names_read(delegate, settings), known)):
            yield DataElement.kind, name


def _parts(kind: str, snapshot: Snapshot) -> Iterator[tuple[str, Any]]:
    """Yield the delegate and settings of every configured part of a resource."""
    if kind == "rule":
        for component in components_of(snapshot):
            yield component["delegate"], component["settings"]
    else:
        yield snapshot.get("delegate", ""), snapshot["settings"]


def _take_along(library: Library, needs: list[Need]) -> list[Need]:
    for need in needs:
        _take(library, newest_revision(need.resource), need.user_uid)
    return needs


def _take(library: Library, revision: Revision, user_uid: str) -> None:
    entry = add_resource(library, revision)
    LibraryResource.objects.filter(pk=entry.pk).update(taken_for=user_uid)


def _lone(library: Library) -> list[LibraryResource]:
    """Return the entries that were added for a resource that is no longer in the library."""
    held = set(library.resources.values_list("resource_uid", flat=True))
    taken = library.resources.exclude(taken_for="").select_related("revision")
    return [entry for entry in taken if entry.taken_for not in held]
