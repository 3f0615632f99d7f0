"""Runs a compiled build for one event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from properties.catalog.outbound import Answer

from .build import CompiledBuild
from .circumstances import Circumstances
from .compiled import Rule
from .execution import RuleRunner
from .results import RunResult
from .scope import EventScope
from .scripts import ScriptHost
from .waiting import RuleState


def run_build(
    build: CompiledBuild,
    call: Mapping[str, Any],
    *,
    inbound_event_id: str,
    received_at: float,
    installation: Mapping[str, str],
    secret_marker: Callable[[str], str],
    scripts: ScriptHost | None = None,
    trace: bool = True,
    test_code: str | None = None,
) -> RunResult:
    """Run every rule for one event. No exception of a component escapes.

    Args:
        call: ``{"event": {"xdm", "data"}, "request": {"header", "body"}}``; not changed.
        inbound_event_id: Our id of the stored event.
        received_at: Unix seconds when the edge accepted the event.
        installation: Values of the settings that packages read from the environment, by name.
        secret_marker: Returns the secret marker for the name of a credential.
        scripts: Runs custom code, in its own session for this event; without it custom code fails.
        trace: Record each component; without it only the state of each rule and the data elements.
        test_code: See :class:`EventContext`.
    """
    given = Circumstances(inbound_event_id, received_at, installation, secret_marker, scripts, test_code)
    return _run(build, call, given, trace, RuleRunner.run)


def resume_rule(
    build: CompiledBuild,
    state: RuleState,
    answer: Answer | None,
    call: Mapping[str, Any],
    *,
    inbound_event_id: str,
    received_at: float,
    installation: Mapping[str, str],
    secret_marker: Callable[[str], str],
    scripts: ScriptHost | None = None,
    trace: bool = True,
    test_code: str | None = None,
) -> RunResult:
    """Continue a rule that waited for the answer to one of its requests, or could not run yet.

    Args:
        state: From its :class:`Outbound`.
        answer: The answer, once it counts as delivered; None if nothing was asked.
        call: The same event; everything else as for :func:`run_build`.

    Raises:
        KeyError: The build has no such rule or action: the state belongs to another build.
    """
    rule = _rule_of(build, state)
    given = Circumstances(inbound_event_id, received_at, installation, secret_marker, scripts, test_code)
    return _run(build, call, given, trace, lambda runner: runner.resume(rule, state, answer))


def read_elements(
    build: CompiledBuild,
    names: Iterable[str],
    call: Mapping[str, Any],
    *,
    inbound_event_id: str,
    received_at: float,
    installation: Mapping[str, str],
    secret_marker: Callable[[str], str],
    scripts: ScriptHost | None = None,
) -> RunResult:
    """Evaluate data elements for one event, without any rule. One that fails does not stop the others.

    Args:
        names: Names of data elements of the build; everything else as for :func:`run_build`.

    Returns:
        A result whose ``values`` and ``elements`` are filled.
    """

    def read(runner: RuleRunner) -> None:
        for name in names:
            with suppress(Exception):  # Its record says why.
                runner.scope.element(name)

    given = Circumstances(inbound_event_id, received_at, installation, secret_marker, scripts)
    return _run(build, call, given, trace=True, work=read)


def judge_rule(
    build: CompiledBuild,
    rule_id: str,
    call: Mapping[str, Any],
    *,
    inbound_event_id: str,
    received_at: float,
    installation: Mapping[str, str],
    secret_marker: Callable[[str], str],
    scripts: ScriptHost | None = None,
) -> RunResult:
    """Look at every condition of one rule for one event, also after one that is not met. No action runs.

    Returns:
        A result whose only rule has a record of each condition.

    Raises:
        KeyError: The build has no such rule.
    """
    rule = {it.id: it for it in build.rules}[rule_id]
    given = Circumstances(inbound_event_id, received_at, installation, secret_marker, scripts)
    return _run(build, call, given, trace=True, work=lambda runner: runner.judge(rule))


def _rule_of(build: CompiledBuild, state: RuleState) -> Rule:
    rule, action = {it.id: it for it in build.rules}[state["rule"]], state["action"]
    if action is not None and not 0 <= action < len(rule.actions):
        raise KeyError(action)
    return rule


def _run(
    build: CompiledBuild,
    call: Mapping[str, Any],
    given: Circumstances,
    trace: bool,
    work: Callable[[RuleRunner], None],
) -> RunResult:
    result = RunResult(build, call)
    scope = EventScope(build, call, given, result)
    try:
        work(RuleRunner(scope, result, trace=trace))
    finally:
        scope.close()
    return result
