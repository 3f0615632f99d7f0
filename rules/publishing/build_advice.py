"""Advice on resources that can be built but are probably not meant. Plain Python."""

from __future__ import annotations

from collections.abc import Iterator

from properties.catalog.component_advice import advice_on
from properties.catalog.descriptor import ComponentType
from properties.catalog.registry import find_type, packages

from .build_problems import Finding, Place, at_problem, place_of
from .compile import component_name
from .content import Content, Snapshot


def advice_of(content: Content) -> Iterator[Finding]:
    """Yield the packages' advice on these resources. Advice never stops a build."""
    for index, extension in enumerate(content.extensions):
        package = packages().get(extension["package"])
        place = place_of("extension", extension["display_name"], "extensions", extension, index)
        yield from _advice(package.configuration if package else None, extension, place)
    for index, element in enumerate(content.data_elements):
        place = place_of("data element", element["name"], "data_elements", element, index)
        yield from _advice(find_type(element["delegate"]), element, place)
    for index, rule in enumerate(content.rules):
        yield from _advice_on_rule(rule, place_of("rule", rule["name"], "rules", rule, index))


def _advice_on_rule(rule: Snapshot, place: Place) -> Iterator[Finding]:
    for kind, noun in (("conditions", "Condition"), ("actions", "Action")):
        for position, component in enumerate(rule[kind]):
            inner = place.inside(f"{noun} “{component_name(component)}”", f".{kind}[{position}]")
            yield from _advice(find_type(component["delegate"]), component, inner)


def _advice(component_type: ComponentType | None, snapshot: Snapshot, place: Place) -> Iterator[Finding]:
    for problem in advice_on(component_type, snapshot["settings"]):
        yield Finding(at_problem(place, problem), problem.message)
