"""Data elements that most shops need, with the names and paths of the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from properties.catalog.registry import packages
from properties.models import DataElement, Property
from properties.resources.creation import DEFAULT_PACKAGE
from properties.saving import create_resources

PATH = f"{DEFAULT_PACKAGE}::dataElements::path"


@dataclass(frozen=True, slots=True)
class Usual:
    """A data element that a property may lack."""

    name: str
    path: str


EVERYWHERE = tuple(
    Usual(name, f"arc.event.{path}")
    for name, path in (
        ("Event Name", "data.event"),
        ("Event ID", "data.event_id"),
        ("Page URL", "xdm.web.webPageDetails.URL"),
        ("User Agent", "xdm.environment.browserDetails.userAgent"),
        ("Email", "data.user.email"),
        ("Phone", "data.user.phone"),
        ("Value", "data.value"),
        ("Currency", "data.currency"),
        ("Order ID", "data.order_id"),
    )
)


@cache
def usual_elements() -> tuple[Usual, ...]:
    """Return the data elements that every shop needs, then vendors' cookies for clicks and browsers."""
    cookies = [it for package in packages().values() for it in package.written_cookies()]
    return EVERYWHERE + tuple(Usual(it.label, f"arc.request.header.cookies.{it.cookie}") for it in cookies)


def missing_usual(prop: Property) -> list[Usual]:
    """Return the usual data elements that the property lacks, or none while Core is disabled or missing."""
    if not prop.extensions.filter(package_name=DEFAULT_PACKAGE, enabled=True).exists():
        return []
    taken = {name.casefold() for name in prop.dataelements.values_list("name", flat=True)}
    return [usual for usual in usual_elements() if usual.name.casefold() not in taken]


def create_usual(prop: Property, names: Iterable[str], actor: Any) -> list[str]:
    """Create the chosen data elements that are missing.

    Returns:
        Their names.
    """
    chosen = set(names)
    wanted = [usual for usual in missing_usual(prop) if usual.name in chosen]
    made = [DataElement(prop=prop, name=it.name, delegate=PATH, settings={"path": it.path}) for it in wanted]
    create_resources(made, actor=actor)
    return [element.name for element in made]
