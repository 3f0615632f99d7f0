"""Runs one rule: conditions in order until one is not met, then actions in order until one fails."""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any

from properties.catalog.errors import DeliveryError, Rejected
from properties.catalog.outbound import BatchItem, OutboundRequest

from .compiled import Component, Rule
from .failures import RuleFailed, explain
from .results import ComponentRun, Outbound, Refusal, RuleRun
from .scope import EventScope, RuleScope


class RuleRunner:
    """One rule meeting one event. Whatever its components raise ends this rule alone."""

    def __init__(self, rule: Rule, event: EventScope, *, trace: bool) -> None:
        self.rule = rule
        self.result = event.result
        self.trace = trace
        self.scope = RuleScope(event)
        self.context = event.context({"id": rule.id, "name": rule.name}, self.scope)
        self.outcome = RuleRun(rule.id, rule.name)

    def run(self) -> RuleRun:
        """Conditions, then actions; what is to be sent is added to the result of the event."""
        try:
            if all(self._is_met(condition) for condition in self.rule.conditions):
                self._act()
            else:
                self.outcome.status = "condition_not_met"
        except _ComponentFailed as failure:
            self._fail(failure.record)
        return self.outcome

    def _act(self) -> None:
        for action in self.rule.actions:
            record = self._execute(action, self.outcome.actions)
            if isinstance(record.output, OutboundRequest):
                # The rest of the rule needs the answer; resuming it comes with the first such package.
                self._send(record.output, record, awaited=True)
                return
            self._take(record)

    def _is_met(self, condition: Component) -> bool:
        record = self._execute(condition, self.outcome.conditions)
        if not isinstance(record.output, bool):
            title = condition.type.title
            text = f'Condition "{title}" from rule "{self.rule.name}" did not return a boolean result.'
            raise _failed(record, RuleFailed(text))
        record.passed = record.output is not condition.negate
        return record.passed

    def _execute(self, component: Component, records: list[ComponentRun]) -> ComponentRun:
        record = ComponentRun(component)
        if self.trace:
            records.append(record)
        self.scope.start_component()
        started = perf_counter_ns()
        try:
            record.settings = component.resolve(self.scope)
            self.context.component = component.identity
            self.context.extension_settings = component.resolve_extension(self.scope)
            record.output = component.run(record.settings, self.context)
        except Exception as error:
            raise _failed(record, error) from error
        finally:
            record.microseconds = (perf_counter_ns() - started) // 1000
        return record

    def _take(self, record: ComponentRun) -> None:
        """Items go out; any other value is for later actions, instead of the extension's earlier one."""
        items = _batch_items(record.output)
        for item in items:
            self._send(item, record)
        self.scope.stash[record.component.package] = None if items else record.output

    def _send(
        self, item: BatchItem | OutboundRequest, record: ComponentRun, *, awaited: bool = False
    ) -> None:
        rule, items = self.rule, self.result.items
        items.append(Outbound(rule.id, rule.name, record.id, record.delegate, item, len(items), awaited))

    def _fail(self, record: ComponentRun) -> None:
        outcome, rule = self.outcome, self.rule
        outcome.status, outcome.error, outcome.error_code = "failed", record.error, record.error_code
        if record.refusal:
            self.result.refusals.append(
                Refusal(rule.id, rule.name, record.id, record.delegate, record.error_code, record.refusal)
            )


class _ComponentFailed(Exception):
    """Ends the rule; ``record`` says why."""

    def __init__(self, record: ComponentRun) -> None:
        super().__init__(record.error)
        self.record = record


def _failed(record: ComponentRun, error: Exception) -> _ComponentFailed:
    reason = explain(error, record.delegate)
    record.error = f'Failed to execute "{record.component.type.title}". {reason}'
    record.error_code = error.code if isinstance(error, DeliveryError) else ""
    record.refusal = reason if isinstance(error, Rejected) else ""
    return _ComponentFailed(record)


def _batch_items(output: Any) -> list[BatchItem]:
    items = output if isinstance(output, list) else [output]
    return items if all(isinstance(item, BatchItem) for item in items) else []
