"""Finds extension packages: folders in ``properties/extensions``, and packages from distributions.

A folder with an ``extension.py`` is a package. A distribution names its packages in the entry point group
``capi_admin.extensions``; see ``elsewhere.py``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from .descriptor import ComponentType, ExtensionPackage, QuickStart
from .elsewhere import BrokenPackage, Distribution, Found, find_elsewhere

FOLDER = Path(__file__).parent.parent / "extensions"


def module_names() -> list[str]:
    """Return the dotted names of the package modules, such as ``properties.extensions.core``: Django apps."""
    return [*_folder_modules(), *_elsewhere().modules]


def _folder_modules() -> list[str]:
    folders = sorted(path.parent.name for path in FOLDER.glob("*/extension.py"))
    return [f"properties.extensions.{name}" for name in folders]


@cache
def _in_folders() -> Mapping[str, ExtensionPackage]:
    found = (importlib.import_module(f"{name}.extension").extension for name in _folder_modules())
    return {package.name: package for package in found}


@cache
def _elsewhere() -> Found:
    return find_elsewhere(_in_folders().values(), _folder_modules())


@cache
def packages() -> Mapping[str, ExtensionPackage]:
    """Return package name → package for all packages; those from elsewhere come last."""
    return MappingProxyType({**_in_folders(), **_elsewhere().packages})


def quick_starts() -> Mapping[str, QuickStart]:
    """Return the quick starts by the name of their package."""
    return {name: package.quick_start for name, package in packages().items() if package.quick_start}


def package_folder(package_name: str) -> Path | None:
    """Return the folder of a package, or None if it is gone."""
    if package_name in _in_folders():
        return FOLDER / package_name.replace("-", "_")
    modules = dict(zip(_elsewhere().packages, _elsewhere().modules, strict=True))
    file = getattr(sys.modules.get(modules.get(package_name, "")), "__file__", None)
    return Path(file).parent if file else None


def origin(package_name: str) -> Distribution | None:
    """Return the distribution that a package comes from; None for a folder of this product."""
    return _elsewhere().origins.get(package_name)


def broken_packages() -> Sequence[BrokenPackage]:
    """Return the packages from elsewhere that cannot be used, each with the reason."""
    return _elsewhere().broken


@cache
def _types() -> Mapping[str, tuple[ExtensionPackage, ComponentType]]:
    return {p.delegate_id(t): (p, t) for p in packages().values() for t in p.types()}


def find_type(delegate_id: str) -> ComponentType | None:
    """Return the type with a delegate descriptor id, or None if its package is gone."""
    found = _types().get(delegate_id)
    return found[1] if found else None


def delegate_of(component_type: ComponentType) -> str:
    """Return the delegate descriptor id of a type, or "" if no package offers it."""
    return next((name for name, (_, known) in _types().items() if known is component_type), "")


def find_package(delegate_id: str) -> ExtensionPackage | None:
    """Return the package of a delegate descriptor id, or None if it is gone."""
    return packages().get(delegate_id.partition("::")[0])


def look_again() -> None:
    """Clear the caches, for a test that adds a package."""
    for known in (_in_folders, _elsewhere, packages, _types):
        known.cache_clear()
