"""What happened to one event: recorded by reference while rules run, made into JSON when it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from properties.catalog.descriptor import DataElementType
from properties.catalog.outbound import BatchItem, OutboundRequest, Warn

from .compiled import Component, Element, Rule

if TYPE_CHECKING:
    from .build import CompiledBuild

RuleStatus = Literal["success", "condition_not_met", "failed"]


class ComponentRun:
    """One condition or action as it ran. What it does not set has the value that most have.

    ``settings`` and ``output`` are the very objects the component saw and gave; None when it came not so far.
    ``sides`` are the two values of a condition that was decided without making its settings.
    ``passed`` is what the condition counts as, after ``negate``; None for actions and when it failed.
    ``refusal`` is why an action refused to make a request, without the name of the action.
    ``refused_after`` is what it had left out or changed before that.
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


Compared = tuple[Component, Any, Any, bool, int]
"""A condition that was decided from two values: itself, left, right, what they gave, nanoseconds."""


class RuleRun:
    """One rule as it ran.

    ``error`` and ``error_code`` say why it failed. ``waits``: an action needs an answer first; the actions
    after it are run when that is there.
    """

    status: RuleStatus = "success"
    error: str = ""
    error_code: str = ""
    waits: bool = False
    actions: Sequence[ComponentRun] = ()

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.compared: list[Compared | ComponentRun] = []

    @property
    def conditions(self) -> list[ComponentRun]:
        """Those that were looked at, in order."""
        return [it if isinstance(it, ComponentRun) else _comparison(*it) for it in self.compared]

    def go_on(self, later: RuleRun) -> None:
        """Take what the actions after an answer did."""
        self.actions = [*self.actions, *later.actions]
        self.status, self.error, self.error_code = later.status, later.error, later.error_code
        self.waits = later.waits

    def note(self, condition: ComponentRun) -> None:
        """Add a condition that was not decided from two values, or not at all."""
        self.compared.append(condition)

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def name(self) -> str:
        return self.rule.name


def _comparison(condition: Component, left: Any, right: Any, output: bool, nanoseconds: int) -> ComponentRun:
    record = ComponentRun(condition)
    record.sides, record.output, record.nanoseconds = (left, right), output, nanoseconds
    record.passed = output is not condition.negate
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
    """

    rule_id: str
    rule_name: str
    component_id: str
    delegate: str
    code: str
    message: str
    warnings: Sequence[Warn] = ()


@dataclass(slots=True)
class RunResult:
    """One event through one build.

    Args:
        build: What ran.
        rules: One entry per rule, in the order of the build.
        elements: The data elements that were needed, by name.
        items: What is to be sent, in order.
        refusals: What was refused before it was sent.
        secrets: Text that stands for a credential → name of the credential.
    """

    build: CompiledBuild
    rules: list[RuleRun] = field(default_factory=list)
    elements: dict[str, ElementRun] = field(default_factory=dict)
    items: list[Outbound] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def go_on(self, later: RunResult) -> None:
        """Take what happened when a rule was resumed."""
        runs = {run.id: run for run in self.rules}
        for run in later.rules:
            runs[run.id].go_on(run)
        self.elements.update(later.elements)
        self.secrets.update(later.secrets)
        self.refusals += later.refusals

    def to_trace(self) -> dict[str, Any]:
        """JSON for the event log, with customer data and credentials masked."""
        from .trace import trace_of

        return trace_of(self)
