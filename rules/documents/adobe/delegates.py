"""Finds our type for a delegate of Adobe's. The packages declare the delegates that they replace."""

from __future__ import annotations

import re

from properties.catalog.descriptor import ComponentType, ExtensionPackage
from properties.catalog.registry import find_type, packages

NOUNS = {
    "events": "event",
    "conditions": "condition",
    "actions": "action",
    "dataElements": "data element",
    "extensionConfiguration": "extension",
}


def counterpart(adobe_id: str) -> tuple[str, ComponentType] | None:
    """Return our delegate id and type for a delegate descriptor id of Adobe's, or None."""
    for package in packages().values():
        for component_type in package.types():
            if adobe_id in component_type.replaces:
                return package.delegate_id(component_type), component_type
    for name in (adobe_id, _dashed(adobe_id)):
        found = find_type(name)
        if found is not None:
            return name, found
    return None


def counterpart_package(adobe_name: str) -> ExtensionPackage | None:
    """Return our package for an extension package of Adobe's, or None."""
    for package in packages().values():
        replaced = {old.partition("::")[0] for each in package.types() for old in each.replaces}
        if adobe_name == package.name or adobe_name in replaced:
            return package
    return None


def noun_of(adobe_id: str) -> str:
    """Return ``action`` for ``core::actions::custom-code``."""
    return NOUNS.get(adobe_id.split("::")[1] if "::" in adobe_id else "", "component")


def why_not(adobe_id: str) -> str:
    """Return a sentence that says why a delegate has no equivalent here."""
    package_name, _, name = adobe_id.partition("::")
    noun = noun_of(adobe_id)
    if noun == "event":
        return "Events belong to tags, in the browser. Here, a rule runs for every event that arrives."
    package = counterpart_package(package_name)
    if package is None:
        return f"It belongs to the extension “{package_name}”. There is no such package here."
    name = name.rpartition("::")[2]
    return f"{package.display_name} has no {noun} “{name}” here. Those for tags run in the browser only."


def _dashed(adobe_id: str) -> str:
    """Return ``core::actions::custom-code`` for ``core::actions::customCode``; keep the kind's capitals."""
    start, _, name = adobe_id.rpartition("::")
    return f"{start}::{re.sub('(?<=[a-z])(?=[A-Z])', '-', name).lower()}"
