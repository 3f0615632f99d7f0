"""The saved data elements of a property, compiled for counts over many events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from properties.catalog.descriptor import ComponentType
from properties.catalog.element_graph import circles, element_graph, way, with_inputs, with_readers
from properties.catalog.element_usage import code_keys, names_read
from properties.catalog.registry import find_type, packages
from properties.models import DataElement, Extension, Property
from rules.engine import BuildProblem, CompiledBuild, compile_build
from rules.engine.privacy import Path, private_elements, private_paths
from rules.models import Rule, RuleComponent
from rules.publishing.compile import compile_document
from rules.publishing.content import Content, Snapshot

from .draft_documents import DraftEnvironment

Use = tuple[frozenset[Path], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SavedElements:
    """What is saved, compiled.

    Args:
        build: None if it cannot be compiled.
        scripted: Names of the data elements that run custom code, themselves or through others.
        circular: Name of each data element that reads itself → the way, in words.
        problems: Why it cannot be compiled.
    """

    build: CompiledBuild | None
    scripted: frozenset[str] = frozenset()
    circular: Mapping[str, str] | None = None
    problems: tuple[str, ...] = ()


def saved_elements(prop: Property) -> SavedElements:
    """Return all enabled data elements of a property as they are saved."""
    elements = _readable(prop)
    graph = _graph(elements)
    circular = {name: way(circle) for circle in circles(graph) for name in circle}
    code = {it.name for it in elements if code_keys(find_type(it.delegate))}
    whole = [it for it in elements if it.name not in circular]
    found = _compiled(prop, whole, ())
    return replace(found, scripted=frozenset(with_readers(code, graph)), circular=circular)


def saved_rule(prop: Property, rule: Rule) -> SavedElements:
    """Return the conditions of a rule, with the data elements that they read, as they are saved."""
    snapshot = rule.snapshot()
    conditions = snapshot["conditions"]
    elements = _readable(prop)
    asked = {name for it in conditions for name in names_read(it["delegate"], it["settings"])}
    needed = with_inputs({name.strip() for name in asked} | asked, _graph(elements))
    code = any(code_keys(find_type(it["delegate"])) for it in conditions)
    alone = {**snapshot, "enabled": True, "actions": []}
    found = _compiled(prop, [it for it in elements if it.name in needed], (alone,))
    scripted = frozenset({rule.uid}) if code or (found.build and found.build.has_code) else frozenset()
    return replace(found, scripted=scripted)


def _readable(prop: Property) -> list[DataElement]:
    enabled = prop.dataelements.filter(enabled=True).order_by("name")
    return [element for element in enabled if find_type(element.delegate)]


def _graph(elements: Iterable[DataElement]) -> dict[str, list[str]]:
    return element_graph({it.name: names_read(it.delegate, it.settings) for it in elements})


def _compiled(prop: Property, elements: Iterable[DataElement], rules: tuple[Snapshot, ...]) -> SavedElements:
    extensions = list(prop.extensions.all())
    snapshots = tuple(it.snapshot() for it in extensions if it.enabled)
    content = Content(snapshots, tuple(it.snapshot() for it in elements), rules)
    document = compile_document(content, prop, DraftEnvironment(), build_id="draft", now=timezone.now())
    try:
        build = compile_build(document, packages())
    except BuildProblem as error:
        return SavedElements(None, problems=tuple(error.problems))
    return SavedElements(replace(build, private_elements=_private(prop, extensions, build)))


def _private(prop: Property, extensions: Iterable[Extension], build: CompiledBuild) -> frozenset[str]:
    """Return the names of the data elements whose values are masked, judged by all that uses them."""
    return private_elements([*_uses(prop, extensions, build)], build.elements)


def _uses(prop: Property, extensions: Iterable[Extension], build: CompiledBuild) -> Iterator[Use]:
    paths: dict[str, frozenset[Path]] = {}
    components = RuleComponent.objects.filter(rule__prop=prop)
    for delegate, settings in components.values_list("delegate", "settings"):
        if delegate not in paths:
            paths[delegate] = _paths(find_type(delegate))
        yield paths[delegate], settings
    for extension in extensions:
        package = extension.package
        yield _paths(package.configuration if package else None), extension.settings
    yield from ((it.private, it.settings) for it in build.elements.values())


def _paths(kind: ComponentType | None) -> frozenset[Path]:
    return private_paths(kind) if kind else frozenset()
