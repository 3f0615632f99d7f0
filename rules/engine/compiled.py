"""The parts of a compiled build: what a build document says, as functions ready to be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import ComponentType, Run
from properties.catalog.substitution import Resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """Something of a package that a rule or a data element uses.

    Args:
        delegate: Delegate descriptor id.
        package: Name of the package, under which the rule stash keeps results of actions.
        type: Its descriptor.
        settings: With tokens in place.
        resolve: Gives the settings for an event.
        resolve_extension: Gives the settings of the installed extension for an event.
        run: The type's ``run``, or what its ``prepare`` made of the settings.
        private: Keys of the settings that are masked wherever people see them; list positions left out.
    """

    delegate: str
    package: str
    type: ComponentType
    settings: Mapping[str, Any]
    resolve: Resolver
    resolve_extension: Resolver
    run: Run
    private: frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Delegate):
    """A condition or an action of a rule; ``identity`` is what it may know about itself."""

    id: str
    name: str
    identity: Mapping[str, str]
    negate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Delegate):
    """A data element.

    Args:
        name: Its name in tokens.
        default_value: Used instead of a missing value; None means there is none.
        clean_text: White space of text is collapsed.
        force_lower_case: Text is turned to lower case.
        reads_stash: Reads what earlier actions of the same rule left, so that it is evaluated anew for each
            component; every other element is evaluated once for an event.
    """

    name: str
    default_value: Any = None
    clean_text: bool = False
    force_lower_case: bool = False
    reads_stash: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions and actions, each in order."""

    id: str
    name: str
    conditions: tuple[Component, ...]
    actions: tuple[Component, ...]
