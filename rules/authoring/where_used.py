"""Everything that uses a data element, for all data elements of a property at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.urls import reverse

from properties.catalog.element_graph import meant
from properties.catalog.element_usage import names_read
from properties.models import Property
from properties.secrets.uses import Usage
from rules.models import RuleComponent

PAGES = {
    "Rule": "rules:rule_edit",
    "Data element": "properties:data_element_edit",
    "Extension": "properties:extension_edit",
}
# Kind, name and uid of what uses a data element.
User = tuple[str, str, str]


def users_by_name(prop: Property) -> dict[str, list[User]]:
    """Return what uses each data element, by its name. Three statements, however many there are."""
    elements = list(prop.dataelements.values_list("uid", "name", "delegate", "settings"))
    known = {name for _, name, _, _ in elements}
    found: dict[str, dict[User, None]] = {name: {} for name in known}
    for user, delegate, settings in _users(prop, elements):
        for name in _named(delegate, settings, known):
            found[name][user] = None
    return {name: [*users] for name, users in found.items()}


def usage_of(prop: Property, user: User) -> Usage:
    """Return a user with the address of its page."""
    kind, name, uid = user
    return Usage(kind, name, reverse(PAGES[kind], args=[prop.uid, uid]))


def _named(delegate: str, settings: Any, known: Collection[str]) -> Iterator[str]:
    return (name for name in meant(names_read(delegate, settings), known) if name in known)


def _users(prop: Property, elements: Collection[Any]) -> Iterator[tuple[User, str, Any]]:
    for uid, rule, delegate, settings in RuleComponent.objects.filter(rule__prop=prop).values_list(
        "rule__uid", "rule__name", "delegate", "settings"
    ):
        yield ("Rule", rule, uid), delegate, settings
    for uid, name, delegate, settings in elements:
        yield ("Data element", name, uid), delegate, settings
    for extension in prop.extensions.all():
        yield ("Extension", extension.display_name, extension.uid), "", extension.settings
