"""Runs one build document through Adobe's published engine and through ours, and reports both in one form."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from properties.catalog.context import EventContext
from properties.catalog.descriptor import (
    ActionType,
    ConditionType,
    DataElementType,
    ExtensionPackage,
    Settings,
)
from properties.catalog.errors import InvalidParameter
from properties.catalog.registry import packages
from rules.engine import BuildProblem, RuleRun, RunResult, ScriptHost, compile_build, run_build
from rules.engine.compiled import Rule
from rules.engine.execution import RuleRunner

HARNESS = Path(__file__).with_name("adobe.js")
_BLAMED = re.compile(r'Failed to execute "(.*?)"\. ')
Document = dict[str, Any]
Call = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """The results of an engine for a document and an event.

    Args:
        statuses: Rule id → ``success``, ``condition_not_met`` or ``failed``.
        seen: The arguments of each probe: rule, component, settings, extension settings, rule stash.
            Adobe's engine runs rules concurrently, so they are grouped by rule.
        left: Rule id → rule stash, event and request when the rule ended, however it ended.
        errors: Rule id → the error that failed it.
        problem: Why the build failed.
        evaluations: How often the counting data element was evaluated.
    """

    statuses: dict[str, str] = field(default_factory=dict)
    seen: dict[str, list[Any]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    evaluations: int = 0

    @property
    def compared(self) -> tuple[Any, ...]:
        """Return the parts in which both engines must agree: also the failed component, but not each word."""
        blamed = {rule: _BLAMED.match(text) for rule, text in self.errors.items()}
        culprits = {rule: found[1] for rule, found in blamed.items() if found}
        return self.statuses, self.seen, self.left, culprits, self.problem


class EngineDied(Exception):
    """The process with Adobe's engine has ended."""


class Adobe:
    """A Node process with Adobe's engine; each document gets a fresh copy of the engine."""

    def __init__(self, node: str, node_modules: Path, *, megabytes: int = 512) -> None:
        command = [node, f"--max-old-space-size={megabytes}", str(HARNESS), str(node_modules)]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True)

    def __enter__(self) -> Adobe:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, **request: Any) -> Any:
        """Send one line, read one line.

        Raises:
            EngineDied: The process ended instead of answering.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EngineDied
        answer = json.loads(line)
        assert "crash" not in answer, answer
        return answer

    def run(self, document: Document, call: Call) -> Result:
        """The document, without modules, and one event."""
        answer = self.ask(document=document, call=call)
        if "buildError" in answer:
            return Result(problem=answer["buildError"])
        return Result(
            statuses=dict(answer["rules"]),
            seen=grouped(answer["seen"]),
            left=left_over(dict(answer["rules"]), call, {rule: rest for rule, *rest in answer["left"]}),
            errors={rule: text for rule, text in answer["errors"].items() if text},
            evaluations=answer["evaluations"],
        )


class Ours:
    """Our engine, with probes that behave like those in adobe.js."""

    def __init__(self, scripts: ScriptHost | None = None, copy: Callable[[Any], Any] = deepcopy) -> None:
        self.scripts, self._copy = scripts, copy
        self.seen: list[Any] = []
        self.left: dict[str, Any] = {}
        self.evaluations = 0
        probes = {name: self._package(name) for name in ("probe", "other")}
        self.packages = {**packages(), **probes}

    def run(self, document: Document, call: Call) -> Result:
        """The document and one event."""
        self.seen, self.left, self.evaluations = [], {}, 0
        document, call = json.loads(
            json.dumps([document, call])
        )  # As stored: no two parts of it are one object.
        try:
            with patch("rules.engine.running.RuleRunner", _watched(self.left)):
                result = self.result(document, call)
        except BuildProblem as error:
            return Result(problem=str(error))
        return Result(
            statuses={it.id: it.status for it in result.rules},
            seen=grouped(self.seen),
            left=left_over([it.id for it in result.rules], call, self.left),
            errors={it.id: it.error for it in result.rules if it.error},
            evaluations=self.evaluations,
        )

    def result(self, document: Document, call: Call) -> RunResult:
        """Return the result of the engine itself."""
        return run_build(
            compile_build(document, self.packages),
            call,
            inbound_event_id="1",
            received_at=1_700_000_000.0,
            installation={},
            secret_marker=str,
            scripts=self.scripts,
        )

    def _note(self, settings: Settings, context: EventContext) -> Any:
        rule, component = context.rule["id"], context.component["id"]
        call = settings, context.extension_settings, context.arc["ruleStash"]
        self.seen.append([rule, component, *map(self._copy, call)])
        return settings.get("value")

    def _count(self, settings: Settings, context: EventContext) -> Any:
        self.evaluations += 1
        return settings.get("value", self.evaluations)

    def _package(self, name: str) -> ExtensionPackage:
        return ExtensionPackage(
            name=name,
            display_name=name.capitalize(),
            version="1.0.0",
            data_elements=[
                DataElementType(name="value", title="Value", run=lambda it, context: it.get("value")),
                DataElementType(name="count", title="Count", run=self._count),
                DataElementType(name="boom", title="Boom", run=_boom),
            ],
            conditions=[
                ConditionType(name="gives", title="Gives", run=self._note),
                ConditionType(name="boom", title="Boom", run=_boom),
            ],
            actions=[
                ActionType(name="note", title="Note", run=self._note),
                ActionType(name="boom", title="Boom", run=_boom),
                ActionType(name="silent", title="Silent", run=_silent),
            ],
        )


def _watched(left: dict[str, Any]) -> type[RuleRunner]:
    class Watched(RuleRunner):
        """Keeps what a rule leaves behind; the engine itself forgets it."""

        def _finish(self, rule: Rule, outcome: RuleRun) -> RuleRun:
            finished = super()._finish(rule, outcome)
            left[rule.id] = deepcopy([self.scope.stash, self.scope.event, self.scope.request])
            return finished

    return Watched


def left_over(rules: Iterable[str], call: Call, left: Mapping[str, Any]) -> dict[str, str]:
    """Return what each rule left behind; a rule without modules changed nothing."""
    untouched = [{}, call["event"], call["request"]]
    return {rule: _told(left.get(rule, untouched)) for rule in rules}


def _told(left: list[Any]) -> str:
    try:
        return canonical(left)
    except RecursionError:
        return canonical(["circle"])  # As adobe.js has it.


def _boom(settings: Settings, context: EventContext) -> Any:
    raise ValueError("boom")


def _silent(settings: Settings, context: EventContext) -> Any:
    raise InvalidParameter


def grouped(seen: list[Any]) -> dict[str, list[Any]]:
    """By rule, in order, numbers as JSON of JavaScript has them."""
    found: dict[str, list[Any]] = {}
    for rule, *rest in seen:
        found.setdefault(rule, []).append(canonical(rest))
    return found


def canonical(value: Any) -> str:
    """Text that is equal for equal JSON values: 1.0 is 1, -0 is 0, true is not 1, NaN is null."""
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return float(value) + 0.0 if math.isfinite(value) else None
