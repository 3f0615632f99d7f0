"""The parts of a compiled build: what a build document says, as functions ready to be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from properties.catalog.descriptor import Compare, ComponentType, ConditionType, Read, Run
from properties.catalog.substitution import Resolver

ABSENT: Any = object()
"""Stands for a value that is not there: null is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """Something of a package that a rule or a data element uses.

    Args:
        delegate: Delegate descriptor id.
        package: Name of the package, under which the rule stash keeps results of actions.
        type: Its descriptor.
        settings: With tokens in place.
        resolve: Gives the settings for an event.
        resolve_extension: Gives the settings of the installed extension for an event; None when it has none.
        run: The type's ``run``, or what its ``prepare`` made of the settings.
        private: Keys of the settings that are masked wherever people see them; list positions left out.
        identity: ``{"id", "name"}``, what it may know about itself.
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


Test = Callable[[Mapping[str, Any]], bool | None]
"""Decides a condition from values of data elements that are there; None when one is not."""


class Sides(NamedTuple):
    """A condition that needs nothing but two values: each a data element, or the same for every event.

    Args:
        left_name, right_name: Name of the data element, or None.
        left, right: The value when there is no data element.
    """

    compare: Compare
    left_name: str | None
    left: Any
    right_name: str | None
    right: Any

    def of(self, element: Callable[[str], Any]) -> tuple[Any, Any]:
        """Both values of an event; ``element`` gives that of a data element."""
        left = self.left if self.left_name is None else element(self.left_name)
        return left, self.right if self.right_name is None else element(self.right_name)

    def test(self) -> Test:
        """The same as a function, with what does not change put into it."""
        compare, left_name, left, right_name, right = self
        if left_name is not None and right_name is None:

            def with_left(values: Mapping[str, Any]) -> bool | None:
                value = values.get(left_name, ABSENT)
                return None if value is ABSENT else compare(value, right)

            return with_left

        def with_both(values: Mapping[str, Any]) -> bool | None:
            one = left if left_name is None else values.get(left_name, ABSENT)
            other = right if right_name is None else values.get(right_name, ABSENT)
            return None if one is ABSENT or other is ABSENT else compare(one, other)

        return with_both


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Delegate):
    """A condition or an action of a rule.

    Args:
        timeout_seconds: For custom code and for the answer to an awaited request.
        sides: Set when a condition can be decided without making its settings first.
    """

    id: str
    name: str
    negate: bool = False
    timeout_seconds: float = 2.0
    sides: Sides | None = None

    def settings_of(self, left: Any, right: Any) -> dict[str, Any]:
        """The settings with the values of the two sides in place of their tokens."""
        kind = self.type
        keys = (kind.compared if isinstance(kind, ConditionType) else None) or ()
        sides = zip(keys, (left, right), strict=False)
        return {**self.settings, **{key: value for key, value in sides if key in self.settings}}


Tidy = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Delegate):
    """A data element.

    Args:
        name: Its name in tokens.
        fixed_settings: Its settings when they are the same for every event.
        find: Finds it in ``arc``, when it looks at nothing else and at nothing that differs between rules.
        read: The same, with its default value and its text tidied.
        default_value: Used instead of a missing value; None means there is none.
        tidy: Collapses the white space of text, or turns it to lower case, or both.
        reads_rule: Reads what earlier actions of the same rule left, or which rule it is, so that it is
            evaluated anew for each component; every other element is evaluated once for an event.
    """

    name: str
    fixed_settings: Mapping[str, Any] | None = None
    find: Read | None = None
    read: Read | None = None
    default_value: Any = None
    tidy: Tidy | None = None
    reads_rule: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions and actions, each in order.

    Args:
        tests: (test, negate, names of its data elements) of each condition when all can be decided from their
            two sides; else None.
    """

    id: str
    name: str
    identity: Mapping[str, str]
    conditions: tuple[Component, ...]
    actions: tuple[Component, ...]
    tests: tuple[tuple[Test, bool, tuple[str, ...]], ...] | None
