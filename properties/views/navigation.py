"""The navigation of every page: the person's properties, and the pages of this property in groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Lower
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import SimpleLazyObject

from properties.catalog.tokens import delimiters
from properties.models import RIGHTS, Environment, Property

from .access import is_for_other_platform
from .choices import choice
from .environment_scope import environment_switch
from .frame import PropertySign, frame_of, signs_of

SWITCHER_LIMIT = 50
# Pages above all properties that show the frame of the property that one comes from.
KEEP_PROPERTY = ("properties:help", "properties:help_page", "properties:search", "properties:account")
NO_NUMBERS: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A page that the navigation may list. It is listed if an app has that page.

    Args:
        route: URL name.
        marks: Names of views for which the entry is the current one.
        key: The letter that opens the page after ``g``.
        is_bad: Whether its number counts what went wrong.
        query: Follows the address.
    """

    label: str
    route: str
    icon: str
    marks: tuple[str, ...]
    key: str = ""
    is_bad: bool = False
    query: str = ""


HOME = NavEntry("Home", "home:home", "home", ("home", "property_list"), "h", query="?all=1")
QUICK_START = NavEntry("Quick Start", "quick_start:quick_starts", "flag", ("quick_start",))
# Heading and entries of each group.
GROUPS: tuple[tuple[str, tuple[NavEntry, ...]], ...] = (
    (
        "",
        (
            HOME,
            NavEntry("Overview", "rules:overview", "pulse", ("overview",), "o"),
            QUICK_START,
        ),
    ),
    (
        "Set up",
        (
            NavEntry("Data Elements", "properties:data_elements", "braces", ("data_element",), "d"),
            NavEntry("Rules", "rules:rules", "rule", ("rule", "component"), "r"),
            NavEntry("Extensions", "properties:extensions", "puzzle", ("extension", "catalog"), "x"),
            NavEntry("Secrets", "properties:secrets", "key", ("secret",)),
        ),
    ),
    (
        "Publish",
        (
            NavEntry(
                "Publishing Flow",
                "rules:publishing",
                "flow",
                ("publish", "publishing", "build", "library", "preview"),
                "p",
            ),
            NavEntry("Environments", "properties:environments", "server", ("environment", "datastream")),
        ),
    ),
    (
        "Observe",
        (
            NavEntry("Event Log", "rules:event_log", "list", ("event",), "e"),
            NavEntry("Issues", "rules:issues", "bug", ("issue",), "i", is_bad=True),
            NavEntry("Validation", "rules:validation", "test", ("validation",)),
            NavEntry("Deduplication", "rules:deduplication", "dup", ("deduplication",)),
            NavEntry("Match Quality", "rules:match_quality", "target", ("match_quality",)),
            NavEntry("Customer Data", "rules:customer_data", "user", ("customer_data",)),
            NavEntry("Test Events", "rules:tests", "send", ("tests",)),
        ),
    ),
)
FOOT = (
    NavEntry("Settings", "properties:property_settings", "gear", ("property", "people", "audit")),
    NavEntry("Help and shortcuts", "properties:help", "help", ("help",)),
)
SEARCH = NavEntry("Search events", "properties:search", "search", ("search",))
# Pages of the workspace, with the permission that each needs.
WORKSPACE = (
    (NavEntry("People", "properties:people_everywhere", "user", ("people_everywhere",)), "auth.view_user"),
    (
        NavEntry("Audit log", "properties:audit_everywhere", "list", ("audit_everywhere",)),
        "properties.view_auditevent",
    ),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation of a page."""

    label: str
    url: str
    icon: str
    is_current: bool
    number: int = 0
    key: str = ""
    is_bad: bool = False

    @property
    def title(self) -> str:
        return f"{self.label}, g then {self.key}" if self.key else self.label


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Entries under one heading; the first group has none."""

    label: str
    entries: tuple[NavItem, ...]

    @property
    def name(self) -> str:
        """The heading as part of an id."""
        return self.label.lower().replace(" ", "-")


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page. What costs queries is asked for only by templates that show it."""
    prop = getattr(request, "prop", None)
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return {
        "prop": prop,
        "typing": getattr(request, "typing", None),
        "can": {right: right in rights for right in (*RIGHTS, "own")},
        "nav_groups": SimpleLazyObject(lambda: _groups(request, prop)),
        "nav_foot": _shown(request, prop, FOOT),
        "nav_home": home_of(prop) if prop else "",
        "nav_properties": lambda: _properties(request),
        "library_bar": SimpleLazyObject(lambda: frame_of(request, prop).library if prop else None),
        "environment": getattr(request, "environment", None),
        "environment_switch": environment_switch(request),
        "density": lambda: choice(request, "density") or "compact",
        "has_letter_keys": lambda: choice(request, "letter_keys") is not False,
        "site_title": "CAPI Admin",
        "token_signs": delimiters(),
    }


def _properties(request: HttpRequest) -> list[tuple[str, str]]:
    return [(prop.name, home_of(prop)) for prop in _visible(request)]


def _visible(request: HttpRequest) -> list[Property]:
    return list(Property.objects.visible_to(request.user).order_by(Lower("name"))[:SWITCHER_LIMIT])


def home_of(prop: Property) -> str:
    """Return the first page of a property."""
    first = "rules:rules" if prop.is_tags else "rules:overview"
    return _address(first, prop) or reverse("properties:extensions", args=[prop.uid])


def _groups(request: HttpRequest, prop: Property | None) -> list[NavGroup]:
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return []
    if prop is None:
        return list(_home_groups(request))
    frame = frame_of(request, prop)
    used = ((label, tuple(it for it in found if it.route not in frame.hidden)) for label, found in GROUPS)
    shown = (NavGroup(label, _shown(request, prop, entries, frame.numbers)) for label, entries in used)
    return [group for group in shown if group.entries]


def _home_groups(request: HttpRequest) -> Iterator[NavGroup]:
    """Yield the navigation of the pages above all properties."""
    yield NavGroup("", _shown(request, None, (HOME, QUICK_START, SEARCH)))
    if props := _visible(request):
        signs = signs_of(props)
        yield NavGroup("Properties", tuple(_of_property(it, signs.get(it.pk)) for it in props))
    allowed = tuple(entry for entry, permission in WORKSPACE if request.user.has_perm(permission))
    if entries := _shown(request, None, allowed):
        yield NavGroup("Workspace", entries)


def _of_property(prop: Property, sign: PropertySign | None) -> NavItem:
    icon, number = (sign.icon, sign.open) if sign else ("box", 0)
    return NavItem(prop.name, home_of(prop), icon, False, number, is_bad=True)


def pages_of(request: HttpRequest, prop: Property | None) -> tuple[NavItem, ...]:
    """Return the pages that the person can go to, with and without a property, for the search."""
    inside = tuple(entry for _, entries in GROUPS for entry in entries if entry is not HOME) if prop else ()
    allowed = tuple(entry for entry, permission in WORKSPACE if request.user.has_perm(permission))
    return _shown(request, prop, (*inside, HOME, *FOOT, *allowed))


def _shown(
    request: HttpRequest,
    prop: Property | None,
    entries: tuple[NavEntry, ...],
    numbers: Mapping[str, int] = NO_NUMBERS,
) -> tuple[NavItem, ...]:
    """Return the entries whose page exists, with their numbers by URL name."""
    match = request.resolver_match
    current = match.url_name or "" if match else ""
    found = ((it, _address(it.route, prop)) for it in entries)
    found = ((it, url and url + it.query) for it, url in found)
    return tuple(
        NavItem(
            it.label, url, it.icon, _matches(current, it.marks), numbers.get(it.route, 0), it.key, it.is_bad
        )
        for it, url in found
        if url
    )


def _matches(current: str, marks: tuple[str, ...]) -> bool:
    return any(current == mark or current.startswith((f"{mark}_", f"{mark}s")) for mark in marks)


def next_page(name: str, prop: Property, label: str) -> tuple[str, str]:
    """Return the label and address of a link to the next step, both empty if no app has that page."""
    url = _address(name, prop)
    return (label, url) if url else ("", "")


def environment_page(name: str, environment: Environment) -> str:
    """Return the address of a page of an environment, or "" if no app has such a page."""
    try:
        return reverse(name, args=[environment.prop.uid, environment.uid])
    except NoReverseMatch:
        return ""


def _address(name: str, prop: Property | None) -> str:
    """Return the address of a page, of a property or above all; "" if no app, or no such property, has it.

    A page above all keeps the property that one comes from as ``?in=``, if it uses that.
    """
    for arguments in ([prop.uid] if prop else [], []):
        try:
            url = reverse(name, args=arguments)
        except NoReverseMatch:
            continue
        if prop and arguments and is_for_other_platform(resolve(url), prop):
            return ""
        return f"{url}?in={prop.uid}" if prop and not arguments and name in KEEP_PROPERTY else url
    return ""
