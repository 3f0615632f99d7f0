"""The parts of a compiled build, with functions ready to be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import ComponentType, Read, Run
from properties.catalog.substitution import Resolver

from .sides import Sides

Tidy = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """An item of a package, as a rule or a data element uses it.

    Args:
        delegate: Delegate descriptor id.
        package: Name of the package. The rule stash keeps results of actions under it.
        type: Its descriptor.
        settings: With unresolved tokens.
        resolve: Returns the settings for an event.
        resolve_extension: Returns the settings of the installed extension for an event; None if it has none.
        run: The type's ``run``, or the function that its ``prepare`` made from the settings.
        private: Keys of the settings that are masked wherever people see them, without list positions.
        identity: ``{"id", "name"}``, as ``utils.getComponent()`` returns it.
    """

    delegate: str
    package: str
    type: ComponentType
    settings: Mapping[str, Any]
    resolve: Resolver
    resolve_extension: Resolver | None
    run: Run
    private: frozenset[tuple[str, ...]]
    identity: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Delegate):
    """A condition or an action of a rule.

    Args:
        timeout_seconds: Limit for custom code, and for the answer to an awaited request.
        sides: Set if two values decide the condition, so that its settings need not be made.
    """

    id: str
    name: str
    negate: bool = False
    timeout_seconds: float = 2.0
    sides: Sides | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Delegate):
    """A data element.

    Args:
        name: Its name in tokens.
        fixed_settings: Its settings, if they are the same for every event.
        find: Finds its value in ``arc``, if it depends on the stored event alone; else None.
        default_value: Used instead of a missing value; None means that there is no default.
        tidy: Collapses white space of a text, or turns the text to lower case, or both.
        reads_rule: Whether it depends on the current rule, or on results of its earlier actions. It
            is then evaluated for each component; every other element is evaluated once for an event.
    """

    name: str
    fixed_settings: Mapping[str, Any] | None = None
    find: Read | None = None
    default_value: Any = None
    tidy: Tidy | None = None
    reads_rule: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions and actions, each in order."""

    id: str
    name: str
    identity: Mapping[str, str]
    conditions: tuple[Component, ...]
    actions: tuple[Component, ...]
