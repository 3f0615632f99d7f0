"""Finds our type for a delegate of Adobe's. The packages declare the delegates that they replace."""

from __future__ import annotations

import re

from properties.catalog.descriptor import ComponentType, ExtensionPackage
from properties.catalog.registry import find_package, find_type, packages
from properties.models import Property

NOUNS = {
    "events": "event",
    "conditions": "condition",
    "actions": "action",
    "dataElements": "data element",
    "extensionConfiguration": "extension",
}


def counterpart(adobe_id: str, platform: str) -> tuple[str, ComponentType] | None:
    """Return our delegate id and type for a delegate descriptor id of Adobe's, or None.

    Adobe's Core for tags and the one for event forwarding have the same name, and in part the same ids: the
    platform of the property says which one is meant.
    """
    for package in _packages(platform):
        for component_type in package.types():
            if adobe_id in component_type.replaces:
                return package.delegate_id(component_type), component_type
    for name in (adobe_id, _dashed(adobe_id)):
        found, package_found = find_type(name), find_package(name)
        if found is not None and package_found is not None and package_found.platform == platform:
            return name, found
    return None


def counterpart_package(adobe_name: str, platform: str) -> ExtensionPackage | None:
    """Return our package for an extension package of Adobe's, or None."""
    for package in _packages(platform):
        replaced = {old.partition("::")[0] for each in package.types() for old in each.replaces}
        if adobe_name == package.name or adobe_name in replaced:
            return package
    return None


def _packages(platform: str) -> list[ExtensionPackage]:
    return [package for package in packages().values() if package.platform == platform]


def noun_of(adobe_id: str) -> str:
    """Return ``action`` for ``core::actions::custom-code``."""
    return NOUNS.get(adobe_id.split("::")[1] if "::" in adobe_id else "", "component")


def why_not(adobe_id: str, platform: str) -> str:
    """Return a sentence that says why a delegate has no equivalent here."""
    package_name, _, name = adobe_id.partition("::")
    noun, is_tags = noun_of(adobe_id), platform == Property.Platform.WEB
    if noun == "event" and not is_tags:
        return "Events belong to tags, in the browser. Here, a rule runs for every event that arrives."
    package = counterpart_package(package_name, platform)
    if package is None:
        return f"It belongs to the extension “{package_name}”. There is no such package here."
    name = name.rpartition("::")[2]
    others = "" if is_tags else " Those for tags run in the browser only."
    return f"{package.display_name} has no {noun} “{name}” here.{others}"


def _dashed(adobe_id: str) -> str:
    """Return ``core::actions::custom-code`` for ``core::actions::customCode``; keep the kind's capitals."""
    start, _, name = adobe_id.rpartition("::")
    return f"{start}::{re.sub('(?<=[a-z])(?=[A-Z])', '-', name).lower()}"
