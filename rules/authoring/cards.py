"""Rules and their components as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from properties.catalog.categories import by_category
from properties.catalog.descriptor import ComponentType, ExtensionPackage
from properties.catalog.registry import find_package, find_type
from properties.models import Extension, Property
from rules.models import Rule, RuleComponent
from rules.publishing.libraries import publishing_states

PUBLISHING_STATES = {
    "published": ("Published", "badge-ok"),
    "in_library": ("In library", "badge-warn"),
    "newer": ("Changed since added to the library", "badge-warn"),
    "changed": ("Changed since published", "badge-warn"),
    "new": ("Not in a library", "badge-muted"),
}


@dataclass(frozen=True, slots=True)
class ComponentCard:
    """One component in the rule builder."""

    component: RuleComponent
    title: str
    package: str
    summary: str
    is_known: bool
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list."""

    rule: Rule
    conditions: int
    actions: int
    state: str
    badge: str


@dataclass(frozen=True, slots=True)
class ExtensionChoice:
    """An extension in the component picker with its component types."""

    extension: Extension
    package: ExtensionPackage
    types: list[tuple[str, ComponentType]]

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, ComponentType]]]]:
        return by_category(self.types)


def cards(rule: Rule, kind: str) -> list[ComponentCard]:
    """Return the components of one kind, in order."""
    components = [c for c in rule.components.all() if c.kind == kind]
    return [_card(c, i == 0, i == len(components) - 1) for i, c in enumerate(components)]


def lines(prop: Property) -> list[RuleRow]:
    """Return every rule of a property with its publishing state."""
    states = publishing_states(prop)
    rules = Rule.objects.filter(prop=prop).prefetch_related("components")
    return [_line(rule, states[rule.uid]) for rule in rules]


def choices(prop: Property, kind: str) -> list[ExtensionChoice]:
    """Return the component types of one kind that installed, enabled extensions offer."""
    found = []
    for extension in Extension.objects.filter(prop=prop, enabled=True):
        package = extension.package
        types = list(_offered(package, kind)) if package else []
        if package and types:
            found.append(ExtensionChoice(extension, package, types))
    return found


def offered_type(prop: Property, kind: str, delegate: str) -> ComponentType | None:
    """Return the type of a delegate id, if an installed extension offers it for this kind."""
    offers = (pair for choice in choices(prop, kind) for pair in choice.types)
    return next((component_type for name, component_type in offers if name == delegate), None)


def title_of(component: RuleComponent) -> str:
    component_type = find_type(component.delegate)
    return component.name or (component_type.title if component_type else component.delegate)


def _offered(package: ExtensionPackage, kind: str) -> Iterable[tuple[str, ComponentType]]:
    return ((package.delegate_id(t), t) for t in package.types() if t.kind == kind)


def _card(component: RuleComponent, is_first: bool, is_last: bool) -> ComponentCard:
    component_type, package = find_type(component.delegate), find_package(component.delegate)
    return ComponentCard(
        component=component,
        title=title_of(component),
        package=package.display_name if package else component.delegate.partition("::")[0],
        summary=_summary(component_type, component.settings),
        is_known=component_type is not None,
        is_first=is_first,
        is_last=is_last,
    )


def _summary(component_type: ComponentType | None, settings: dict[str, Any]) -> str:
    if component_type is None:
        return "This server does not have the extension package of this component."
    return component_type.summary(settings) if component_type.summary else component_type.description


def _line(rule: Rule, state: str) -> RuleRow:
    kinds = [component.kind for component in rule.components.all()]
    label, badge = PUBLISHING_STATES[state]
    return RuleRow(rule, kinds.count("conditions"), kinds.count("actions"), label, badge)
