"""The components of a rule as the pages show them, and those that can be added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import ComponentType, ExtensionPackage
from properties.catalog.element_usage import code_keys
from properties.catalog.registry import find_package, find_type
from properties.models import Extension, Property
from rules.models import Rule, RuleComponent


@dataclass(frozen=True, slots=True)
class ComponentCard:
    """One component in the rule builder.

    Args:
        in_drawer: Its form opens beside the rule.
    """

    component: RuleComponent
    title: str
    package: str
    summary: str
    is_known: bool
    in_drawer: bool
    is_first: bool
    is_last: bool

    @property
    def sentence(self) -> str:
        """An event or a condition in words: its own name, else what it says of itself."""
        return self.component.name or (self.summary if self.is_known else "") or self.title


@dataclass(frozen=True, slots=True)
class ExtensionChoice:
    """An extension in the component picker with its component types."""

    extension: Extension
    package: ExtensionPackage
    types: list[tuple[str, ComponentType]]


def cards(rule: Rule, kind: str) -> list[ComponentCard]:
    """Return the components of one kind, in order."""
    components = [c for c in rule.components.all() if c.kind == kind]
    return [_card(c, i == 0, i == len(components) - 1) for i, c in enumerate(components)]


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


def opens_in_drawer(kind: ComponentType | None) -> bool:
    """Return whether a form fits beside the rule. An action, and code, need a page."""
    return kind is not None and kind.kind != RuleComponent.Kind.ACTION and not code_keys(kind)


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
        in_drawer=opens_in_drawer(component_type),
        is_first=is_first,
        is_last=is_last,
    )


def _summary(component_type: ComponentType | None, settings: dict[str, Any]) -> str:
    if component_type is None:
        return "This server does not have the extension package of this component."
    return component_type.summary(settings) if component_type.summary else component_type.description
