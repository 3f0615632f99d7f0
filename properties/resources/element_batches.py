"""Creating, copying and deleting several data elements at once, and undoing that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from properties.catalog.element_graph import element_graph, with_inputs
from properties.catalog.element_usage import names_read
from properties.catalog.registry import find_type
from properties.models import AuditEvent, DataElement, Property, Revision
from properties.saving import create_resources, delete_resource
from properties.secrets.uses import secret_names_of

from .component_settings import settings_as_values
from .element_names import suggested_name
from .restoring import restore_resource
from .usual_elements import PATH

CREATED, DELETED = f"{DataElement.kind}.created", f"{DataElement.kind}.deleted"
LONGEST_PATH = 1_000
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """What was done to several data elements.

    Args:
        names: Of the data elements that were created or deleted.
        entries: First and last id of the audit entries, to undo it by; both 0 if nothing was done.
        left_out: Name → why it was left out.
    """

    names: Sequence[str] = ()
    entries: tuple[int, int] = (0, 0)
    left_out: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def create_from_paths(prop: Property, paths: Iterable[str], actor: Any) -> Batch:
    """Create a data element for each path that no data element reads yet, with names of its own.

    Args:
        paths: Such as ``arc.event.data.order_id``.
    """
    read, taken = set(read_paths(prop)), set(prop.dataelements.values_list("name", flat=True))
    made: list[DataElement] = []
    for path in list(dict.fromkeys(paths))[:MOST_AT_ONCE]:
        if path.startswith("arc.") and len(path) <= LONGEST_PATH and path not in read:
            name = suggested_name(path, taken)
            taken.add(name)
            made.append(DataElement(prop=prop, name=name, delegate=PATH, settings={"path": path}))
    create_resources(made, actor=actor)
    return Batch([element.name for element in made], _entries(prop, CREATED, len(made)))


def read_paths(prop: Property) -> dict[str, str]:
    """Return the names of data elements by the path that they read."""
    paths = prop.dataelements.filter(delegate=PATH).values_list("settings__path", "name")
    return {path: name for path, name in paths if isinstance(path, str)}


@transaction.atomic
def delete_elements(prop: Property, uids: Collection[str], actor: Any) -> Batch:
    """Delete data elements. Their revisions stay, so that this can be undone."""
    found = list(prop.dataelements.filter(uid__in=uids).order_by("name"))
    for element in found:
        delete_resource(element, actor=actor)
    return Batch([element.name for element in found], _entries(prop, DELETED, len(found)))


@transaction.atomic
def copy_elements(prop: Property, uids: Collection[str], target: Property, actor: Any) -> Batch:
    """Copy data elements to another property, with those that they read.

    Names that exist there stay as they are. Data elements that need a secret are left out: secrets are not
    copied.
    """
    left_out: dict[str, str] = {}
    made = [_twin(element, target) for element in _fit(prop, uids, target, left_out)]
    create_resources(made, actor=actor)
    return Batch([element.name for element in made], _entries(target, CREATED, len(made)), left_out)


@transaction.atomic
def undo_batch(prop: Property, first: int, last: int, actor: Any) -> list[str]:
    """Undo what one person did to data elements with these audit entries.

    Returns:
        Names of the data elements that are as they were before. Those that were changed since stay.
    """
    entries = AuditEvent.objects.filter(prop=prop, actor=actor, id__range=(first, last))
    uids = {
        kind: set(entries.filter(type_of=kind).values_list("entity_uid", flat=True))
        for kind in (CREATED, DELETED)
    }
    return [*_take_back(prop, uids[CREATED], actor), *_bring_back(prop, uids[DELETED], actor)]


def _take_back(prop: Property, uids: Collection[str], actor: Any) -> Iterator[str]:
    for element in prop.dataelements.filter(uid__in=uids, revision_number=1).order_by("name"):
        delete_resource(element, actor=actor)
        yield element.name


def _bring_back(prop: Property, uids: Collection[str], actor: Any) -> Iterator[str]:
    newest = {it.resource_uid: it for it in Revision.objects.filter(resource_uid__in=uids).order_by("number")}
    taken = {name.casefold() for name in prop.dataelements.values_list("name", flat=True)}
    present = set(prop.dataelements.filter(uid__in=uids).values_list("uid", flat=True))
    for revision in sorted(newest.values(), key=lambda it: it.snapshot["name"]):
        if revision.resource_uid not in present and revision.snapshot["name"].casefold() not in taken:
            yield restore_resource(revision, actor=actor).display_name


def _fit(
    prop: Property, uids: Collection[str], target: Property, left_out: dict[str, str]
) -> Iterator[DataElement]:
    elements = {element.name: element for element in prop.dataelements.order_by("name")}
    graph = element_graph({name: names_read(it.delegate, it.settings) for name, it in elements.items()})
    chosen = [name for name, element in elements.items() if element.uid in uids]
    taken = {name.casefold() for name in target.dataelements.values_list("name", flat=True)}
    packages = set(target.extensions.filter(enabled=True).values_list("package_name", flat=True))
    for name in sorted(with_inputs(chosen, graph) & elements.keys()):
        if why := _why_not(elements[name], taken, packages):
            left_out[name] = why
        else:
            yield elements[name]


def _why_not(element: DataElement, taken: Collection[str], packages: Collection[str]) -> str:
    if element.name.casefold() in taken:
        return "the name exists there"
    if element.delegate.partition("::")[0] not in packages:
        return "its extension is not installed there"
    return "it needs a secret" if secret_names_of(element.delegate, element.settings) else ""


def _twin(element: DataElement, target: Property) -> DataElement:
    copied = (
        "name",
        "delegate",
        "default_value",
        "clean_text",
        "force_lower_case",
        "storage_duration",
        "enabled",
    )
    settings = settings_as_values(find_type(element.delegate), element.settings)
    return DataElement(prop=target, settings=settings, **{name: getattr(element, name) for name in copied})


def _entries(prop: Property, kind: str, count: int) -> tuple[int, int]:
    newest = AuditEvent.objects.filter(prop=prop, type_of=kind).order_by("-id")
    ids = list(newest.values_list("id", flat=True)[:count])
    return (ids[-1], ids[0]) if ids else (0, 0)
