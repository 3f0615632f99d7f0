"""Undoing a deletion: the working copy returns from its last revision, with its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from properties.catalog.registry import find_type, packages
from properties.models import DataElement, Extension, Resource, Revision
from properties.resources.component_settings import settings_as_values
from properties.saving import save_resource


def restore_resource(revision: Revision, *, actor: Any = None) -> Resource:
    """Create the working copy again from a revision of a deleted extension or data element.

    Raises:
        KeyError: Another module restores revisions of this kind.
        django.db.IntegrityError: It exists, or another resource has taken its name meanwhile.
    """
    resource = _COPIES[revision.kind](revision.snapshot)
    resource.prop, resource.revision_number = revision.prop, _last_number(revision)
    with transaction.atomic():
        save_resource(resource, actor=actor)
    return resource


@transaction.atomic
def revert_element(element: DataElement, revision: Revision, *, actor: Any = None) -> None:
    """Make a data element what it was in one of its revisions. This makes a new revision.

    Raises:
        ValueError: Another data element uses its name now.
    """
    name = revision.snapshot["name"]
    others = element.prop.dataelements.exclude(pk=element.pk).values_list("name", flat=True)
    if any(other.casefold() == name.casefold() for other in others):
        raise ValueError(f"Another data element is called “{name}” now. Rename it first.")
    for key, value in {"storage_duration": "", **revision.snapshot}.items():
        setattr(element, key, value)
    element.settings = settings_as_values(find_type(element.delegate), revision.snapshot["settings"])
    save_resource(element, actor=actor)


def _last_number(revision: Revision) -> int:
    numbers = Revision.objects.filter(resource_uid=revision.resource_uid).order_by("-number")
    return numbers.values_list("number", flat=True)[0]


def _extension(copy: dict[str, Any]) -> Extension:
    package = packages().get(copy["package"])
    return Extension(
        uid=copy["uid"],
        package_name=copy["package"],
        version=copy["version"],
        settings=settings_as_values(package.configuration if package else None, copy["settings"]),
        enabled=copy["enabled"],
    )


def _data_element(copy: dict[str, Any]) -> DataElement:
    settings = settings_as_values(find_type(copy["delegate"]), copy["settings"])
    return DataElement(**{**copy, "settings": settings})


_COPIES: dict[str, Callable[[dict[str, Any]], Resource]] = {
    Extension.kind: _extension,
    DataElement.kind: _data_element,
}
