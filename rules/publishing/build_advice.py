"""Advice on resources that can be built but are probably not meant. Plain Python."""

from __future__ import annotations

from collections.abc import Iterator

from properties.catalog.component_advice import advice_on
from properties.catalog.descriptor import ComponentType
from properties.catalog.registry import find_type, packages

from .build_problems import Finding, Place, at_problem, place_of
from .compile import TAGS, component_name
from .content import COMPONENT_NOUNS, Content, Snapshot

NEVER_RUNS = "A rule without events never runs. Add one."


def advice_of(content: Content, platform: str) -> Iterator[Finding]:
    """Yield the advice on these resources of a property of this platform. Advice never stops a build."""
    for index, extension in enumerate(content.extensions):
        package = packages().get(extension["package"])
        place = place_of("extension", extension["display_name"], "extensions", extension, index)
        yield from _advice(package.configuration if package else None, extension, place)
    for index, element in enumerate(content.data_elements):
        place = place_of("data element", element["name"], "data_elements", element, index)
        yield from _advice(find_type(element["delegate"]), element, place)
    for index, rule in enumerate(content.rules):
        place = place_of("rule", rule["name"], "rules", rule, index)
        if platform == TAGS and rule["enabled"] and not rule.get("events"):
            yield Finding(place.inside("Events", ".events"), NEVER_RUNS)
        yield from _advice_on_rule(rule, place)


def _advice_on_rule(rule: Snapshot, place: Place) -> Iterator[Finding]:
    for kind, noun in COMPONENT_NOUNS.items():
        for position, component in enumerate(rule.get(kind, ())):
            inner = place.inside(f"{noun} “{component_name(component)}”", f".{kind}[{position}]")
            yield from _advice(find_type(component["delegate"]), component, inner)


def _advice(component_type: ComponentType | None, snapshot: Snapshot, place: Place) -> Iterator[Finding]:
    for problem in advice_on(component_type, snapshot["settings"]):
        yield Finding(at_problem(place, problem), problem.message)
