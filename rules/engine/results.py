"""What happened to one event: recorded by reference while rules run, made into JSON when it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from properties.catalog.outbound import BatchItem, OutboundRequest

from .compiled import Component, Element

if TYPE_CHECKING:
    from .build import CompiledBuild

RuleStatus = Literal["success", "condition_not_met", "failed"]


@dataclass(slots=True)
class ComponentRun:
    """One condition or action as it ran.

    ``settings`` and ``output`` are the very objects the component saw and gave; None when it came not so far.
    ``passed`` is what the condition counts as, after ``negate``; None for actions and when it failed.
    ``refusal`` is why an action refused to make a request, without the name of the action.
    """

    component: Component
    settings: Mapping[str, Any] | None = None
    output: Any = None
    passed: bool | None = None
    error: str = ""
    error_code: str = ""
    refusal: str = ""
    microseconds: int = 0

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


@dataclass(slots=True)
class RuleRun:
    """One rule as it ran. ``error`` and ``error_code`` say why it failed."""

    id: str
    name: str
    status: RuleStatus = "success"
    conditions: list[ComponentRun] = field(default_factory=list)
    actions: list[ComponentRun] = field(default_factory=list)
    error: str = ""
    error_code: str = ""


@dataclass(slots=True)
class ElementRun:
    """One data element as it was evaluated; for one that reads the rule stash, the last time."""

    element: Element
    value: Any = None
    used_default: bool = False
    error: str = ""
    path: str = ""

    @property
    def name(self) -> str:
        return self.element.name

    @property
    def delegate(self) -> str:
        return self.element.delegate


@dataclass(frozen=True, slots=True)
class Outbound:
    """Something an action asks to be sent.

    Args:
        item: What to send.
        position: Its place among everything that the event gave, from 0.
        awaited: Later actions of the rule wait for the answer; the rule has stopped here.
    """

    rule_id: str
    rule_name: str
    component_id: str
    delegate: str
    item: BatchItem | OutboundRequest
    position: int
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that refused to make a request, because the vendor would refuse it."""

    rule_id: str
    rule_name: str
    component_id: str
    delegate: str
    code: str
    message: str


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

    def to_trace(self) -> dict[str, Any]:
        """JSON for the event log, with customer data and credentials masked."""
        from .trace import trace_of

        return trace_of(self)
