"""What works in a document, but is most likely not meant: warnings, which keep nothing from being applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.descriptor import ComponentType
from properties.catalog.registry import find_type, packages
from rules.publishing.content import Content, Snapshot

from .shapes import DocumentProblem


def advice_of(content: Content) -> list[DocumentProblem]:
    """Everything that the packages advise on these resources, by JSON path, in the order of the document."""
    return list(_advice(content))


def _advice(content: Content) -> Iterator[DocumentProblem]:
    for snapshot in content.extensions:
        package = packages().get(snapshot["package"])
        configuration = package.configuration if package else None
        yield from _of(configuration, snapshot, f"$.extensions[{snapshot['position']}]")
    for snapshot in content.data_elements:
        yield from _of(find_type(snapshot["delegate"]), snapshot, f"$.data_elements[{snapshot['position']}]")
    for rule in content.rules:
        for kind in ("conditions", "actions"):
            for index, component in enumerate(rule[kind]):
                path = f"$.rules[{rule['position']}].{kind}[{index}]"
                yield from _of(find_type(component["delegate"]), component, path)


def _of(component_type: ComponentType | None, snapshot: Snapshot, path: str) -> Iterator[DocumentProblem]:
    settings: Any = snapshot["settings"]
    if component_type is not None and component_type.advise is not None and settings:
        for problem in component_type.advise(settings):
            yield DocumentProblem(f"{path}.settings.{problem.path}", f"{problem.label}: {problem.message}")
