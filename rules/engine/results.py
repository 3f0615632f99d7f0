"""The result of one event: requests to send, refusals, and the record of every rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from properties.catalog.outbound import BatchItem, OutboundRequest, Warn

from .build import CompiledBuild
from .records import ElementRun, RuleRun


# Not frozen: one is made for each event, and a frozen one takes three times as long.
@dataclass(slots=True)
class Outbound:
    """A request that an action wants to send.

    Args:
        item: The request or batch item.
        position: Its place in all items of the event, from 0.
        state: Set if later actions of the rule wait for the answer, or if a component could not run yet.
            :func:`resume_rule` continues from it. JSON types only.
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
        """Return whether there is nothing to send, because a component could not run yet."""
        return self.state is not None and ("secret" in self.state or "again" in self.state)

    @property
    def why_put_off(self) -> str:
        """Return why a component could not run yet, or ""."""
        return str(self.state["again"]["message"]) if self.state and "again" in self.state else ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that refused to make a request, because the vendor would refuse it.

    Args:
        warnings: What it left out or changed before.
        field: Dotted payload key that is the cause, or "".
        unsent: The item as far as it was built; None if it was not.
    """

    rule_id: str
    rule_name: str
    component_id: str
    delegate: str
    code: str
    message: str
    warnings: Sequence[Warn] = ()
    field: str = ""
    unsent: BatchItem | None = None


class RunResult:
    """One event through one build. Records that few readers need are made on request.

    Args:
        build: The build that ran.
        call: The event, as :func:`run_build` accepts it.

    ``items`` are to be sent, in order. ``refusals`` were refused before they were sent. ``secrets`` holds the
    name of the credential by secret marker. ``is_repeatable``: a run without the values of credentials has
    the same result.
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
        """One entry per rule, in the order of the build; if a rule was resumed, that rule alone."""
        if self.resumed:
            return [self.resumed]
        rules = enumerate(self.build.rules)
        return [self.runs.get(position) or RuleRun(rule, self.values) for position, rule in rules]

    @cached_property
    def elements(self) -> dict[str, ElementRun]:
        """The data elements that were needed, by name."""
        read = {name: self._read(name) for name in self.values if name not in self.recorded}
        return {**read, **self.recorded}

    def _read(self, name: str) -> ElementRun:
        run = ElementRun(element := self.build.elements[name])
        run.value = self.values[name]
        if element.default_value is not None and element.find:
            run.used_default = element.find(self.arc) is None
        return run

    def go_on(self, later: RunResult) -> None:
        """Add the result of a resumed rule."""
        runs = {run.id: run for run in self.rules}
        for run in later.rules:
            runs[run.id].go_on(run)
        self.elements.update(later.elements)
        self.secrets.update(later.secrets)
        self.refusals += later.refusals
        self.is_repeatable = self.is_repeatable and later.is_repeatable
