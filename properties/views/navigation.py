"""The navigation of every page: the person's properties, and the pages of this property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Lower
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from properties.models import RIGHTS, Property

# Label, URL name, icon, and the view names for which the entry is highlighted.
ITEMS = (
    ("Overview", "rules:overview", "home", ("overview",)),
    ("Extensions", "properties:extensions", "puzzle", ("extension", "catalog")),
    ("Data Elements", "properties:data_elements", "braces", ("data_element",)),
    ("Rules", "rules:rules", "rule", ("rule", "component")),
    ("Publishing", "rules:publishing", "rocket", ("publish", "publishing", "build", "library", "preview")),
    ("Environments", "properties:environments", "server", ("environment", "datastream")),
    ("Secrets", "properties:secrets", "key", ("secret",)),
    ("Event Log", "rules:event_log", "list", ("event",)),
    ("Settings", "properties:property_settings", "gear", ("property", "people", "audit")),
)
SWITCHER_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the navigation."""

    label: str
    url: str
    icon: str
    is_current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page: ``prop``, ``typing``, ``can``, ``nav_items``, ``nav_properties``."""
    prop = getattr(request, "prop", None)
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return {
        "prop": prop,
        "typing": getattr(request, "typing", None),
        "can": {right: right in rights for right in (*RIGHTS, "own")},
        "nav_items": _items(request, prop) if prop else [],
        "nav_properties": lambda: _properties(request),
        "site_title": "CAPI Admin",
    }


def _properties(request: HttpRequest) -> list[tuple[str, str]]:
    visible = Property.objects.visible_to(request.user).order_by(Lower("name"))[:SWITCHER_LIMIT]
    return [(prop.name, home_of(prop)) for prop in visible]


def home_of(prop: Property) -> str:
    """Return the first page of a property."""
    return _address("rules:overview", prop) or reverse("properties:extensions", args=[prop.uid])


def _items(request: HttpRequest, prop: Property) -> list[Item]:
    match = request.resolver_match
    current = match.url_name or "" if match else ""
    found = ((label, _address(name, prop), icon, marks) for label, name, icon, marks in ITEMS)
    return [Item(label, url, icon, _matches(current, marks)) for label, url, icon, marks in found if url]


def _matches(current: str, marks: tuple[str, ...]) -> bool:
    return any(current == mark or current.startswith((f"{mark}_", f"{mark}s")) for mark in marks)


def next_page(name: str, prop: Property, label: str) -> tuple[str, str]:
    """Return the label and address of a link to the next step, both empty if no app has that page."""
    url = _address(name, prop)
    return (label, url) if url else ("", "")


def _address(name: str, prop: Property) -> str:
    """Return the address of a page, or "" if no app has such a page."""
    try:
        return reverse(name, args=[prop.uid])
    except NoReverseMatch:
        return ""
