"""What happened to one event: recorded by reference while rules run, made into JSON when it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from properties.catalog.descriptor import DataElementType
from properties.catalog.outbound import BatchItem, OutboundRequest, Warn

from .compiled import Component, Element, Rule

if TYPE_CHECKING:
    from .build import CompiledBuild

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

    ``error`` and ``error_code`` say why it failed. ``waits``: an action needs an answer first, or a component
    cannot run yet; the rest is run when that is over.

    Args:
        values: Of the data elements by name, where they alone decided the conditions; read when somebody
            looks at these.
    """

    status: RuleStatus = "success"
    error: str = ""
    error_code: str = ""
    waits: bool = False
    actions: Sequence[ComponentRun] = ()

    def __init__(self, rule: Rule, values: Mapping[str, Any] | None = None) -> None:
        self.rule = rule
        self._values = values
        self.recorded: list[ComponentRun] = []

    @property
    def conditions(self) -> list[ComponentRun]:
        """Those that were looked at, in order."""
        return self.recorded if self._values is None else [*_comparisons(self.rule, self._values)]

    def go_on(self, later: RuleRun) -> None:
        """Take what the rest of the rule did once it need not wait any more."""
        if later.conditions:
            self.recorded, self._values = later.conditions, None
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
    """One list of actions as they ran; the one that could not run yet ran again."""
    return [*(runs[:-1] if runs and failed(runs[-1]) else runs), *later]


def _comparisons(rule: Rule, values: Mapping[str, Any]) -> Iterator[ComponentRun]:
    """What such conditions did, up to the first that was not met."""
    for condition in rule.conditions:
        record = _comparison(condition, values)
        yield record
        if not record.passed:
            return


def _comparison(condition: Component, values: Mapping[str, Any]) -> ComponentRun:
    """Worked out again: it depends on nothing but the two values."""
    record = ComponentRun(condition)
    if condition.sides is not None:
        record.sides = condition.sides.of(values.__getitem__)
        record.output = condition.sides.compare(*record.sides)
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


# Not frozen: one is made for each event, which would take three times as long.
@dataclass(slots=True)
class Outbound:
    """Something an action asks to be sent.

    Args:
        item: What to send.
        position: Its place among everything that the event gave, from 0.
        state: Set when later actions of the rule wait for the answer, or a component could not run yet: what
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
    def is_wait(self) -> bool:
        """Whether nothing is to be sent: it stands for a component that could not run yet."""
        return self.state is not None and ("secret" in self.state or "again" in self.state)

    @property
    def why_put_off(self) -> str:
        """What a component said that could not run yet, or ""."""
        return str(self.state["again"]["message"]) if self.state and "again" in self.state else ""


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
        call: The event, as :meth:`CompiledBuild.run` takes it.

    ``items`` are what is to be sent, in order; ``refusals`` what was refused before it was sent; ``secrets``
    has the name of the credential for each text that stands for one. ``is_repeatable``: a run without values
    of credentials gives the same.
    """

    def __init__(self, build: CompiledBuild, call: Mapping[str, Any]) -> None:
        self.build = build
        self.is_repeatable = True
        self.arc: dict[str, Any] = {**call, "ruleStash": {}}
        self.items: list[Outbound] = []
        self.refusals: list[Refusal] = []
        self.secrets: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.recorded: dict[str, ElementRun] = {}
        self.runs: dict[int, RuleRun] = {}
        self.resumed: RuleRun | None = None

    @cached_property
    def rules(self) -> list[RuleRun]:
        """One entry per rule, in the order of the build; when a rule was resumed, that rule alone."""
        if self.resumed:
            return [self.resumed]
        return [self.runs.get(number) or self._unmet(it) for number, it in enumerate(self.build.rules)]

    @cached_property
    def elements(self) -> dict[str, ElementRun]:
        """The data elements that were needed, by name."""
        read = {name: self._read(name) for name in self.values if name not in self.recorded}
        return {**read, **self.recorded}

    def _unmet(self, rule: Rule) -> RuleRun:
        run = RuleRun(rule, self.values)
        run.status = "condition_not_met"
        return run

    def _read(self, name: str) -> ElementRun:
        run = ElementRun(element := self.build.elements[name])
        run.value = self.values[name]
        if element.default_value is not None and element.find:
            run.used_default = element.find(self.arc) is None
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
