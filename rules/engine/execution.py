"""Runs one rule: conditions in order until one is not met, then actions in order until one fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from time import perf_counter_ns
from typing import Any

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import DeliveryError, Misconfigured, Rejected, Retry, SecretMissing
from properties.catalog.outbound import Answer, BatchItem, OutboundRequest

from .compiled import Component, Rule
from .failures import RuleFailed, explain
from .records import ComponentRun, RuleRun
from .results import Outbound, Refusal, RunResult
from .scope import EventScope

RuleState = Mapping[str, Any]
"""Where a rule waits, JSON types only: ``{"rule", "action", "ruleStash"}``, and ``event`` and ``request``
when custom code of the rule has changed them; ``markers`` are the names of credentials by what stands for
them. It waits for the answer to that action; or, with ``secret``, for a credential of that name; or, with
``again``, until what a component raised is over: ``{"kind", "code", "message", "after_seconds"}``, the kind
being ``retry`` or ``misconfigured``. With either the action is still to be run, the whole rule where it is
None, and ``answer`` is the one that could not be taken yet."""

# Stands for the package where a rule waits for a credential: nothing is sent, and none is concerned.
SECRETS = "secrets"


class RuleRunner:
    """Runs rules for one event. Whatever the components of a rule raise ends that rule alone."""

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
        except _ComponentFailed as failure:
            self._fail(outcome, failure)
        return outcome

    def resume(self, rule: Rule, state: RuleState, answer: Answer | None) -> None:
        """What is left of a rule that waited."""
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
        except _ComponentFailed as failure:
            self._fail(outcome, failure)

    # Conditions

    def _all_met(self, rule: Rule, outcome: RuleRun) -> bool:
        for condition in rule.conditions:
            record = ComponentRun(condition)
            if self.trace:
                outcome.recorded.append(record)
            if not self._is_met(condition, record, rule):
                return False
        return True

    def _is_met(self, condition: Component, record: ComponentRun, rule: Rule) -> bool:
        output = self._execute(condition, record)
        if output is not True and output is not False:
            raise _failed(record, _not_boolean(condition, rule.name))
        record.passed = output is not condition.negate
        return record.passed

    def _execute(self, component: Component, record: ComponentRun, action: int | None = None) -> Any:
        try:
            record.output = self.scope.call_component(component, record)
        except Exception as error:
            raise _failed(record, error, action) from error
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
        """Items go out; any other value is for later actions, instead of the extension's earlier one."""
        items = _batch_items(output)
        for item in items:
            self._send(rule, action, item)
        self.scope.stash[action.package] = None if items else output

    def _await(self, rule: Rule, index: int, request: OutboundRequest) -> None:
        """The rest of the rule needs the answer: keep what it takes to go on from here."""
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
            raise _failed(ComponentRun(action), error, index, answer) from error
        self.scope.fresh.clear()
        stash[action.package] = left

    def _send(
        self, rule: Rule, action: Component, item: BatchItem | OutboundRequest, state: RuleState | None = None
    ) -> None:
        items = self.result.items
        items.append(Outbound(rule.id, rule.name, action.id, action.delegate, item, len(items), state))

    def _fail(self, outcome: RuleRun, failure: _ComponentFailed) -> None:
        rule, record = outcome.rule, failure.record
        if isinstance(failure.reason, Retry | Misconfigured):
            self._wait(rule, failure, failure.reason)
            outcome.waits = True
            return
        outcome.status, outcome.error, outcome.error_code = "failed", record.error, record.error_code
        if record.refusal:
            told = (record.error_code, record.refusal, record.refused_after, record.refused_for)
            self.result.refusals.append(Refusal(rule.id, rule.name, record.id, record.delegate, *told))

    def _wait(self, rule: Rule, failure: _ComponentFailed, reason: Retry | Misconfigured) -> None:
        """A component cannot run now: once what it raised is over, its rule goes on from there."""
        delegate, item, awaited = _awaited(rule, failure.record.component, reason)
        state = {**self._state(rule, failure.action), **awaited}
        if failure.answer is not None:
            state["answer"] = asdict(failure.answer)
        where = rule.id, rule.name, failure.record.id, delegate
        self.result.items.append(Outbound(*where, item, len(self.result.items), state))


def _awaited(
    rule: Rule, component: Component, reason: Retry | Misconfigured
) -> tuple[str, BatchItem, dict[str, Any]]:
    """What stands for the wait: whom it is for, and what the state of the rule tells about it."""
    if isinstance(reason, SecretMissing):
        secret = reason.secret
        item = BatchItem(f"Secret “{secret}”", {"secret": secret}, {}, name=rule.name)
        return f"{SECRETS}::awaited", item, {"secret": secret}
    title = component.name or component.type.title
    item = BatchItem(
        f"{rule.name}: {title}", {"rule": rule.id, "component": component.id}, {}, name=rule.name
    )
    told = {"code": reason.code, "message": reason.message}
    if isinstance(reason, Retry):
        again = {"kind": "retry", **told, "after_seconds": reason.after_seconds}
    else:
        again = {"kind": "misconfigured", **told, "after_seconds": None}
    return component.delegate, item, {"again": again}


class _ComponentFailed(Exception):
    """Ends the rule; ``record`` and ``reason`` say why.

    ``action`` is its position when it is an action, ``answer`` what it could not take.
    """

    def __init__(
        self, record: ComponentRun, reason: Exception, action: int | None, answer: Answer | None
    ) -> None:
        super().__init__(record.error)
        self.record, self.reason, self.action, self.answer = record, reason, action, answer


def _failed(
    record: ComponentRun, error: Exception, action: int | None = None, answer: Answer | None = None
) -> _ComponentFailed:
    reason = explain(error, record.delegate)
    record.error = f'Failed to execute "{record.component.type.title}". {reason}'
    record.error_code = error.code if isinstance(error, DeliveryError) else ""
    if isinstance(error, Rejected):
        record.refusal, record.refused_after = reason, error.warnings
        record.refused_for = error.field
    return _ComponentFailed(record, error, action, answer)


def _not_boolean(condition: Component, rule: str) -> RuleFailed:
    title = condition.type.title
    return RuleFailed(f'Condition "{title}" from rule "{rule}" did not return a boolean result.')


def _batch_items(output: Any) -> list[BatchItem]:
    if isinstance(output, BatchItem):
        return [output]
    items = output if isinstance(output, list) else []
    return items if all(isinstance(item, BatchItem) for item in items) else []
