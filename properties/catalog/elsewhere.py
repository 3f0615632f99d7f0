"""Finds extension packages in installed distributions.

A distribution names each package in the entry point group ``capi_admin.extensions``:

    [project.entry-points."capi_admin.extensions"]
    acme = "acme_capi.extension:extension"

The value refers to an ``ExtensionPackage``. The module that holds it, here ``acme_capi``, becomes a Django
app: it may have templates, static files and commands. A package that cannot be used is left out with a
reason. It never stops the server.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from .contract import refusals, shared_names
from .descriptor import ExtensionPackage

GROUP = "capi_admin.extensions"
# Django imports these from each app; an error in one of them would stop the server.
_LOADED_BY_DJANGO = ("apps", "models")
_REINSTALL = "Install a version that works, or remove it: pip uninstall {}."


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class BrokenPackage:
    """A package from elsewhere that cannot be used.

    Args:
        message: Names the package, its origin and the reason.
        hint: Advice for the person who runs the product.
    """

    message: str
    hint: str


class _Unusable(Exception):
    """The reason why a package cannot be used."""


@dataclass(slots=True)
class Found:
    """The packages that installed distributions provide.

    Args:
        packages: By name.
        origins: By name of the package.
        modules: The modules that become Django apps.
        broken: Packages that cannot be used.
    """

    packages: dict[str, ExtensionPackage] = field(default_factory=dict)
    origins: dict[str, Distribution] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)
    broken: list[BrokenPackage] = field(default_factory=list)


def find_elsewhere(known: Iterable[ExtensionPackage], modules: Sequence[str]) -> Found:
    """Find the packages in all installed distributions.

    Args:
        known: Packages of this product.
        modules: The modules of those packages.
    """
    found, there = Found(), list(known)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            package, module = _loaded(entry), _app_module(entry)
            _check(package, module, there, [*modules, *found.modules])
        except _Unusable as reason:
            found.broken.append(_broken(entry, str(reason)))
            continue
        there.append(package)
        found.packages[package.name] = package
        found.origins[package.name] = _origin(entry)
        found.modules.append(module)
    return found


def _loaded(entry: EntryPoint) -> ExtensionPackage:
    try:
        value = entry.load()
    except (Exception, SystemExit) as error:
        raise _Unusable(f"{entry.value} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(value, ExtensionPackage):
        raise _Unusable(f"{entry.value} is not an ExtensionPackage.")
    return value


def _app_module(entry: EntryPoint) -> str:
    return entry.module.rpartition(".")[0] or entry.module


def _check(
    package: ExtensionPackage, module: str, known: Sequence[ExtensionPackage], modules: Sequence[str]
) -> None:
    try:
        problems = [*refusals(package), *shared_names([*known, package])]
    except Exception as error:
        raise _Unusable(f"It cannot be checked: {type(error).__name__}: {error}") from error
    if problems:
        raise _Unusable(" ".join(problems))
    if not getattr(sys.modules[module], "__file__", None):
        raise _Unusable(f"Its module {module} has no __init__.py. Add one.")
    label = module.rpartition(".")[2]
    if label in {name.rpartition(".")[2] for name in (*modules, *_DJANGOS_APPS)}:
        raise _Unusable(
            f"The last part of its module {module} is the name of another app. Rename the module."
        )
    for name in _LOADED_BY_DJANGO:
        if _has(module, name):
            raise _Unusable(f"It has a module {module}.{name}. Packages have no {name} of Django.")


def _has(module: str, name: str) -> bool:
    try:
        return find_spec(f"{module}.{name}") is not None
    except ModuleNotFoundError:
        return False  # A single file contains no modules.


_DJANGOS_APPS = (
    *("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles", "django_htmx", "axes", "csp"),
    *("capi_admin", "properties", "rules"),
)


def _origin(entry: EntryPoint) -> Distribution:
    return Distribution(entry.dist.name, entry.dist.version) if entry.dist else Distribution("unknown", "")


def _broken(entry: EntryPoint, reason: str) -> BrokenPackage:
    origin = _origin(entry)
    message = f"The extension package “{entry.name}” of {origin} is not used: {reason}"
    return BrokenPackage(message, _REINSTALL.format(origin.name))
