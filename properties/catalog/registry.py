"""Finds extension packages: every folder in ``properties/extensions`` with an ``extension.py``."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from .descriptor import ComponentType, ExtensionPackage

FOLDER = Path(__file__).parent.parent / "extensions"


def module_names() -> list[str]:
    """Dotted names of the package modules, such as ``properties.extensions.core``."""
    folders = sorted(path.parent.name for path in FOLDER.glob("*/extension.py"))
    return [f"properties.extensions.{name}" for name in folders]


@cache
def packages() -> Mapping[str, ExtensionPackage]:
    """Package name → package, for all that are there."""
    found = (importlib.import_module(f"{name}.extension").extension for name in module_names())
    return MappingProxyType({package.name: package for package in found})


@cache
def _types() -> Mapping[str, tuple[ExtensionPackage, ComponentType]]:
    return {p.delegate_id(t): (p, t) for p in packages().values() for t in p.types()}


def find_type(delegate_id: str) -> ComponentType | None:
    """The type behind a delegate descriptor id, or None when its package is gone."""
    found = _types().get(delegate_id)
    return found[1] if found else None


def find_package(delegate_id: str) -> ExtensionPackage | None:
    """The package behind a delegate descriptor id, or None when it is gone."""
    return packages().get(delegate_id.partition("::")[0])
