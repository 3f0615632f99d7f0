"""Records of rules, components and data elements for one event, kept by reference while rules run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

from properties.catalog.descriptor import DataElementType
from properties.catalog.outbound import BatchItem, Warn

from .compiled import Component, Element, Rule
from .sides import with_sides

Run = TypeVar("Run")
RuleStatus = Literal["success", "condition_not_met", "failed"]


class ComponentRun:
    """One condition or action as it ran. Most attributes keep the default that most runs have.

    ``output`` is the very object that the component returned; None if it did not get that far.
    ``sides`` are the two values of a condition that was decided without making its settings.
    ``passed`` is the verdict of a condition after ``negate``; None for actions and if it failed.
    ``refusal`` is why an action refused to make a request, without the name of the action.
    ``refused_after`` lists the warnings before that, ``refused_for`` is the field that caused it,
    ``unsent`` the item as far as it was built.
    ``logs`` are ``(level, text)`` as custom code wrote them.
    """

    made_settings: Mapping[str, Any] | None = None
    sides: tuple[Any, Any] | None = None
    output: Any = None
    passed: bool | None = None
    error: str = ""
    error_code: str = ""
    refusal: str = ""
    refused_after: Sequence[Warn] = ()
    refused_for: str = ""
    unsent: BatchItem | None = None
    nanoseconds: int = 0
    logs: Sequence[tuple[str, str]] = ()

    def __init__(self, component: Component) -> None:
        self.component = component

    @property
    def settings(self) -> Mapping[str, Any] | None:
        """The settings that the component saw; None if it did not get that far."""
        if self.sides is not None:
            return with_sides(self.component.type, self.component.settings, self.sides)
        return self.made_settings

    @property
    def id(self) -> str:
        return self.component.id

    @property
    def name(self) -> str:
        return self.component.name

    @property
    def delegate(self) -> str:
        return self.component.delegate

    @property
    def negate(self) -> bool:
        return self.component.negate

    @property
    def microseconds(self) -> int:
        return self.nanoseconds // 1000


class RuleRun:
    """One rule as it ran.

    ``error`` and ``error_code`` say why it failed. ``waits``: an action needs an answer first, or a component
    cannot run yet; the rest of the rule runs after that.

    Args:
        values: Values of data elements by name, if they ruled the rule out before it ran. Its conditions are
            then compared when somebody looks at them.
    """

    status: RuleStatus = "success"
    error: str = ""
    error_code: str = ""
    waits: bool = False
    actions: Sequence[ComponentRun] = ()

    def __init__(self, rule: Rule, values: Mapping[str, Any] | None = None) -> None:
        self.rule = rule
        self.recorded: list[ComponentRun] = []
        self._values = values
        if values is not None:
            self.status = "condition_not_met"

    @property
    def conditions(self) -> list[ComponentRun]:
        """The conditions that were looked at, in order."""
        return self.recorded if self._values is None else [*_comparisons(self.rule, self._values)]

    def go_on(self, later: RuleRun) -> None:
        """Add the rest of the rule, which ran later."""
        self.recorded = later.conditions or self.conditions
        self._values = None
        self.actions = continued(self.actions, later.actions, lambda run: bool(run.error))
        self.status, self.error, self.error_code = later.status, later.error, later.error_code
        self.waits = later.waits

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def name(self) -> str:
        return self.rule.name


def continued(runs: Sequence[Run], later: Sequence[Run], failed: Callable[[Run], bool]) -> list[Run]:
    """Join the actions of a rule; the one that could not run yet has run again."""
    return [*(runs[:-1] if runs and failed(runs[-1]) else runs), *later]


def _comparisons(rule: Rule, values: Mapping[str, Any]) -> Iterator[ComponentRun]:
    """Compare the first conditions of a rule, up to the first one that is not met."""
    for condition in rule.conditions:
        if condition.sides is None:
            return
        record = ComponentRun(condition)
        record.sides = condition.sides.of(values.__getitem__)
        record.output = condition.sides.compare(*record.sides)
        record.passed = record.output is not condition.negate
        yield record
        if not record.passed:
            return


class ElementRun:
    """One data element as it was evaluated; if that happened more than once, the last time."""

    settings: Mapping[str, Any] | None = None  # Set if they differ from event to event.
    value: Any = None
    used_default: bool = False
    error: str = ""
    logs: Sequence[tuple[str, str]] = ()

    def __init__(self, element: Element) -> None:
        self.element = element

    @property
    def name(self) -> str:
        return self.element.name

    @property
    def delegate(self) -> str:
        return self.element.delegate

    @property
    def path(self) -> str:
        """The path that it reads, if it reads one place."""
        kind, settings = self.element.type, self.element.fixed_settings or self.settings
        if settings is None or not isinstance(kind, DataElementType) or kind.sample_path is None:
            return ""
        return kind.sample_path(settings)
