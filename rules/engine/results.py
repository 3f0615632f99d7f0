"""What happened to one event: recorded by reference while rules run, made into JSON when it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from properties.catalog.descriptor import DataElementType
from properties.catalog.outbound import BatchItem, OutboundRequest, Warn

from .compiled import Component, Element, Rule

if TYPE_CHECKING:
    from .build import CompiledBuild

EMPTY: Mapping[str, Any] = {}
Run = TypeVar("Run")
RuleStatus = Literal["success", "condition_not_met", "failed"]


class ComponentRun:
    """One condition or action as it ran. What it does not set has the value that most have.

    ``settings`` and ``output`` are the very objects the component saw and gave; None when it came not so far.
    ``sides`` are the two values of a condition that was decided without making its settings.
    ``passed`` is what the condition counts as, after ``negate``; None for actions and when it failed.
    ``refusal`` is why an action refused to make a request, without the name of the action.
    ``refused_after`` is what it had left out or changed before that, ``refused_for`` the field that is why.
    ``logs`` are ``(level, text)`` as custom code wrote them.
    """

    _settings: Mapping[str, Any] | None = None
    sides: tuple[Any, Any] | None = None
    output: Any = None
    passed: bool | None = None
    error: str = ""
    error_code: str = ""
    refusal: str = ""
    refused_after: Sequence[Warn] = ()
    refused_for: str = ""
    nanoseconds: int = 0
    logs: Sequence[tuple[str, str]] = ()

    def __init__(self, component: Component) -> None:
        self.component = component

    @property
    def settings(self) -> Mapping[str, Any] | None:
        if self.sides is not None:
            return self.component.settings_of(*self.sides)
        return self._settings

    @settings.setter
    def settings(self, value: Mapping[str, Any]) -> None:
        self._settings = value

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

    ``error`` and ``error_code`` say why it failed. ``waits``: an action needs an answer first, or custom code
    a credential; the rest is run when that is there.

    Args:
        tested: How many conditions were decided from values that were there already.
        values: Those of the data elements, by name; read when somebody looks at these conditions.
    """

    status: RuleStatus = "success"
    error: str = ""
    error_code: str = ""
    waits: bool = False
    actions: Sequence[ComponentRun] = ()

    def __init__(self, rule: Rule, tested: int = 0, values: Mapping[str, Any] = EMPTY) -> None:
        self.rule = rule
        self._tested, self._values = tested, values
        self.recorded: list[ComponentRun] = []

    @property
    def conditions(self) -> list[ComponentRun]:
        """Those that were looked at, in order."""
        tested = self.rule.conditions[: self._tested]
        return [_comparison(it, self._values) for it in tested] or self.recorded

    def go_on(self, later: RuleRun) -> None:
        """Take what the rest of the rule did once it need not wait any more."""
        if later.conditions:
            self.recorded, self._tested = later.conditions, 0
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
    """One list of actions as they ran; the one that could not be run for lack of a credential ran again."""
    return [*(runs[:-1] if runs and failed(runs[-1]) else runs), *later]


def _comparison(condition: Component, values: Mapping[str, Any]) -> ComponentRun:
    """What such a condition did, worked out again: it depends on nothing but the two values."""
    record = ComponentRun(condition)
    if condition.sides is not None:
        compare, left_name, left, right_name, right = condition.sides
        one = left if left_name is None else values[left_name]
        other = right if right_name is None else values[right_name]
        record.sides, record.output = (one, other), compare(one, other)
        record.passed = record.output is not condition.negate
    return record


class ElementRun:
    """One data element as it was evaluated; for one that is evaluated more than once, the last time."""

    settings: Mapping[str, Any] | None = None  # When they differ from event to event.
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
        """Where it reads, when it reads one place."""
        kind, settings = self.element.type, self.element.fixed_settings or self.settings
        if settings is None or not isinstance(kind, DataElementType) or kind.sample_path is None:
            return ""
        return kind.sample_path(settings)


@dataclass(frozen=True, slots=True)
class Outbound:
    """Something an action asks to be sent.

    Args:
        item: What to send.
        position: Its place among everything that the event gave, from 0.
        state: Set when later actions of the rule wait for the answer: what
            :meth:`CompiledBuild.resume` takes to go on, JSON types only.
    """

    rule_id: str
    rule_name: str
    component_id: str
    delegate: str
    item: BatchItem | OutboundRequest
    position: int
    state: Mapping[str, Any] | None = None

    @property
    def awaited(self) -> bool:
        return self.state is not None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that refused to make a request, because the vendor would refuse it.

    Args:
        warnings: What it had left out or changed before.
        field: Dotted payload key that is the cause, or "".
    """

    rule_id: str
    rule_name: str
    component_id: str
    delegate: str
    code: str
    message: str
    warnings: Sequence[Warn] = ()
    field: str = ""


class RunResult:
    """One event through one build. What most people never ask for is made when they do.

    Args:
        build: What ran.

    ``items`` are what is to be sent, in order; ``refusals`` what was refused before it was sent; ``secrets``
    has the name of the credential for each text that stands for one. ``is_repeatable``: a run without values
    of credentials gives the same.
    """

    def __init__(self, build: CompiledBuild) -> None:
        self.build = build
        self.is_repeatable = True
        self.items: list[Outbound] = []
        self.refusals: list[Refusal] = []
        self.secrets: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.recorded: dict[str, ElementRun] = {}
        self.defaulted: set[str] = set()
        self.outcomes: list[RuleRun | tuple[Rule, int]] = []

    @cached_property
    def rules(self) -> list[RuleRun]:
        """One entry per rule, in the order of the build."""
        return [self._unmet(*it) if isinstance(it, tuple) else it for it in self.outcomes]

    @cached_property
    def elements(self) -> dict[str, ElementRun]:
        """The data elements that were needed, by name."""
        read = {name: self._read(name) for name in self.values if name not in self.recorded}
        return {**read, **self.recorded}

    def _unmet(self, rule: Rule, tested: int) -> RuleRun:
        run = RuleRun(rule, tested, self.values)
        run.status = "condition_not_met"
        return run

    def _read(self, name: str) -> ElementRun:
        run = ElementRun(self.build.elements[name])
        run.value, run.used_default = self.values[name], name in self.defaulted
        return run

    def go_on(self, later: RunResult) -> None:
        """Take what happened when a rule was resumed."""
        runs = {run.id: run for run in self.rules}
        for run in later.rules:
            runs[run.id].go_on(run)
        self.elements.update(later.elements)
        self.secrets.update(later.secrets)
        self.refusals += later.refusals
        self.is_repeatable = self.is_repeatable and later.is_repeatable

    def to_trace(self) -> dict[str, Any]:
        """JSON for the event log, with customer data and credentials masked."""
        from .trace import trace_of

        return trace_of(self)
