"""Data elements that most shops need, to begin with: named and placed as the documentation does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from properties.models import DataElement, Property
from properties.resources.creation import DEFAULT_PACKAGE
from properties.saving import create_resources

PATH = f"{DEFAULT_PACKAGE}::dataElements::path"


@dataclass(frozen=True, slots=True)
class Usual:
    """A data element that a property may lack."""

    name: str
    path: str


USUAL = tuple(
    Usual(name, f"arc.{path}")
    for name, path in (
        ("Event Name", "event.data.event"),
        ("Event ID", "event.data.event_id"),
        ("Page URL", "event.xdm.web.webPageDetails.URL"),
        ("User Agent", "event.xdm.environment.browserDetails.userAgent"),
        ("Email", "event.data.user.email"),
        ("Phone", "event.data.user.phone"),
        ("Value", "event.data.value"),
        ("Currency", "event.data.currency"),
        ("Order ID", "event.data.order_id"),
        ("Click ID (fbc)", "request.header.cookies._fbc"),
        ("Browser ID (fbp)", "request.header.cookies._fbp"),
    )
)


def missing_usual(prop: Property) -> list[Usual]:
    """Those whose names nothing in the property has; none while Core cannot read them."""
    if not prop.extensions.filter(package_name=DEFAULT_PACKAGE, enabled=True).exists():
        return []
    taken = {name.casefold() for name in prop.dataelements.values_list("name", flat=True)}
    return [usual for usual in USUAL if usual.name.casefold() not in taken]


def create_usual(prop: Property, names: Iterable[str], actor: Any) -> list[str]:
    """Create the chosen ones that are missing.

    Returns:
        Their names.
    """
    chosen = set(names)
    wanted = [usual for usual in missing_usual(prop) if usual.name in chosen]
    made = [DataElement(prop=prop, name=it.name, delegate=PATH, settings={"path": it.path}) for it in wanted]
    create_resources(made, actor=actor)
    return [element.name for element in made]
