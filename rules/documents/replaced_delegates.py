"""Replaces the delegate ids of Adobe's packages in documents of tags by ours.

Adobe's packages for tags share names, and even ids, with those for event forwarding. So the ids count only in
documents of tags. Source: docs/reference/contracts.md, "Tags properties".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.descriptor import Adopt, ComponentType
from properties.catalog.registry import packages
from properties.models import Property

from .reading import COMPONENTS
from .shapes import DocumentProblem

Described = dict[str, Any]


def with_our_delegates(document: Described) -> tuple[Described, list[DocumentProblem]]:
    """Return a document with defaults that names only our delegates, and what else changed in its settings.

    Documents of other platforms are returned as they are.
    """
    if document["property"]["platform"] != Property.Platform.WEB:
        return document, []
    replaced = _replaced()
    names = {old.partition("::")[0]: ours.partition("::")[0] for old, (ours, _) in replaced.items()}
    replacing = _Replacing(replaced, names)
    changed = {
        "extensions": [
            replacing.extension(it, f"$.extensions[{i}]") for i, it in enumerate(document["extensions"])
        ],
        "data_elements": replacing.all_of(document["data_elements"], "$.data_elements"),
        "rules": [
            {**rule, **{kind: replacing.all_of(rule[kind], f"$.rules[{i}].{kind}") for kind in COMPONENTS}}
            for i, rule in enumerate(document["rules"])
        ],
    }
    return {**document, **changed}, replacing.changes


@dataclass(slots=True)
class _Replacing:
    """Replaces ids and notes what else changes.

    Args:
        types: Id in Adobe's world → our id and type.
        packages: Name of a package in Adobe's world → ours.
    """

    types: Mapping[str, tuple[str, ComponentType]]
    packages: Mapping[str, str]
    changes: list[DocumentProblem] = field(default_factory=list)

    def all_of(self, items: list[Described], path: str) -> list[Described]:
        return [self._typed(item, f"{path}[{i}]") for i, item in enumerate(items)]

    def extension(self, item: Described, path: str) -> Described:
        name = self.packages.get(item["package"], item["package"])
        package = packages().get(name)
        kind = package.configuration if package and package.platform == Property.Platform.WEB else None
        settings = self._adopted(kind.adopt, item["settings"], path) if kind else item["settings"]
        return {**item, "package": name, "settings": settings}

    def _typed(self, item: Described, path: str) -> Described:
        found = self.types.get(item["delegate"])
        if found is None:
            return item
        delegate, kind = found
        adopt = kind.adopt_as.get(item["delegate"], kind.adopt)
        return {**item, "delegate": delegate, "settings": self._adopted(adopt, item["settings"], path)}

    def _adopted(self, adopt: Adopt | None, settings: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        if adopt is None:
            return settings
        adopted, sentences = adopt(settings)
        self.changes += [DocumentProblem(f"{path}.settings", sentence) for sentence in sentences]
        return adopted


def _replaced() -> dict[str, tuple[str, ComponentType]]:
    """Return id in Adobe's world → our id and type, of the packages for tags."""
    ours = [package for package in packages().values() if package.platform == Property.Platform.WEB]
    return {
        old: (package.delegate_id(kind), kind)
        for package in ours
        for kind in package.types()
        for old in kind.replaces
    }
