"""Runs one rule: conditions in order until one is not met, then actions in order until one fails."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from time import perf_counter_ns
from typing import Any

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import Misconfigured, Retry
from properties.catalog.outbound import Answer, BatchItem, OutboundRequest

from .compiled import Component, Rule
from .component_failure import ComponentFailed, failed, not_boolean
from .records import ComponentRun, RuleRun
from .results import Outbound, Refusal, RunResult
from .scope import EventScope
from .waiting import RuleState, awaited


class RuleRunner:
    """Runs rules for one event. An exception of a component ends only its rule."""

    def __init__(self, scope: EventScope, result: RunResult, *, trace: bool) -> None:
        self.scope, self.result, self.trace = scope, result, trace
        self._at = perf_counter_ns()

    def run(self) -> None:
        """Run every rule that the event may meet; the result of the event has the record of each."""
        build, runs = self.result.build, self.result.runs
        for position in build.sieve.candidates(self.scope.element):
            rule = build.rules[position]
            runs[position] = self._finish(rule, RuleRun(rule))

    def _finish(self, rule: Rule, outcome: RuleRun) -> RuleRun:
        self.scope.enter(rule)
        try:
            if self._all_met(rule, outcome):
                self._act(rule, 0, outcome)
            else:
                outcome.status = "condition_not_met"
        except ComponentFailed as failure:
            self._fail(outcome, failure)
        return outcome

    def resume(self, rule: Rule, state: RuleState, answer: Answer | None) -> None:
        """Run the rest of a rule that waited."""
        outcome, call, action = RuleRun(rule), self.scope.call, state["action"]
        self.result.resumed = outcome
        self.result.secrets.update(state.get("markers") or {})
        if action is None:
            self._finish(rule, outcome)
            return
        self.scope.enter(rule)
        self.scope.adopt({"event": call["event"], "request": call["request"], **state})
        answer = Answer(**state["answer"]) if "answer" in state else answer
        try:
            if answer is not None:
                self._take_answer(rule, action, answer)
            self._act(rule, action if answer is None else action + 1, outcome)
        except ComponentFailed as failure:
            self._fail(outcome, failure)

    def judge(self, rule: Rule) -> None:
        """Look at every condition of a rule, also after one that is not met or fails; run no action."""
        outcome = self.result.resumed = RuleRun(rule)
        self.scope.enter(rule)
        for condition in rule.conditions:
            record = ComponentRun(condition)
            outcome.recorded.append(record)
            with suppress(ComponentFailed):  # Its record says why.
                self._judge(rule, condition, record)
        if not all(record.passed for record in outcome.recorded):
            outcome.status = "condition_not_met"

    # Conditions

    def _all_met(self, rule: Rule, outcome: RuleRun) -> bool:
        for condition in rule.conditions:
            record = ComponentRun(condition)
            if self.trace:
                outcome.recorded.append(record)
            if not self._judge(rule, condition, record):
                return False
        return True

    def _judge(self, rule: Rule, condition: Component, record: ComponentRun) -> bool:
        output = self._execute(condition, record)
        if output is not True and output is not False:
            raise failed(record, not_boolean(condition, rule.name))
        record.passed = output is not condition.negate
        return record.passed

    def _execute(self, component: Component, record: ComponentRun, action: int | None = None) -> Any:
        try:
            record.output = self.scope.call_component(component, record)
        except Exception as error:
            raise failed(record, error, action) from error
        finally:
            now = perf_counter_ns()
            record.nanoseconds, self._at = now - self._at, now
        return record.output

    # Actions

    def _act(self, rule: Rule, first: int, outcome: RuleRun) -> None:
        for index in range(first, len(rule.actions)):
            action = rule.actions[index]
            record = ComponentRun(action)
            if self.trace:
                outcome.actions = [*outcome.actions, record]
            output = self._execute(action, record, index)
            if isinstance(output, OutboundRequest):
                self._await(rule, index, output)
                outcome.waits = True
                return
            self._take(rule, action, output)

    def _take(self, rule: Rule, action: Component, output: Any) -> None:
        """Send items. Any other value is kept for later actions, in place of its extension's earlier one."""
        items = _batch_items(output)
        for item in items:
            self._send(rule, action, item)
        self.scope.stash[action.package] = None if items else output

    def _await(self, rule: Rule, index: int, request: OutboundRequest) -> None:
        """Send a request whose answer the rest of the rule needs, with the state to continue from."""
        action = rule.actions[index]
        limit = min(request.read_timeout_seconds, action.timeout_seconds)
        self._send(rule, action, replace(request, read_timeout_seconds=limit), self._state(rule, index))

    def _state(self, rule: Rule, action: int | None) -> RuleState:
        scope = self.scope
        markers = dict(self.result.secrets)
        state = {"rule": rule.id, "action": action, "ruleStash": scope.stash, "markers": markers}
        return {**state, "event": scope.event, "request": scope.request} if scope.is_changed else state

    def _take_answer(self, rule: Rule, index: int, answer: Answer) -> None:
        action = rule.actions[index]
        kind, stash, left = action.type, self.scope.stash, None
        try:
            if isinstance(kind, ActionType) and kind.result is not None:
                # The same settings as when the request was made: the stash is as it was then.
                settings = action.resolve(self.scope)
                left = kind.result(answer, settings, stash.get(action.package))
        except Exception as error:
            raise failed(ComponentRun(action), error, index, answer) from error
        self.scope.fresh.clear()
        stash[action.package] = left

    def _send(
        self, rule: Rule, action: Component, item: BatchItem | OutboundRequest, state: RuleState | None = None
    ) -> None:
        items = self.result.items
        items.append(Outbound(rule.id, rule.name, action.id, action.delegate, item, len(items), state))

    def _fail(self, outcome: RuleRun, failure: ComponentFailed) -> None:
        rule, record = outcome.rule, failure.record
        if isinstance(failure.reason, Retry | Misconfigured):
            self._wait(rule, failure, failure.reason)
            outcome.waits = True
            return
        outcome.status, outcome.error, outcome.error_code = "failed", record.error, record.error_code
        if record.refusal:
            where = (rule.id, rule.name, record.id, record.delegate)
            reason = (record.error_code, record.refusal, record.refused_after, record.refused_for)
            self.result.refusals.append(Refusal(*where, *reason, record.unsent))

    def _wait(self, rule: Rule, failure: ComponentFailed, reason: Retry | Misconfigured) -> None:
        """Let a rule wait because a component cannot run now; it continues later with that component."""
        delegate, item, reason_to_wait = awaited(rule, failure.record.component, reason)
        state = {**self._state(rule, failure.action), **reason_to_wait}
        if failure.answer is not None:
            state["answer"] = asdict(failure.answer)
        where = rule.id, rule.name, failure.record.id, delegate
        self.result.items.append(Outbound(*where, item, len(self.result.items), state))


def _batch_items(output: Any) -> list[BatchItem]:
    if isinstance(output, BatchItem):
        return [output]
    items = output if isinstance(output, list) else []
    return items if all(isinstance(item, BatchItem) for item in items) else []
