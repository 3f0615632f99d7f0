"""Traces of events: stored, or computed again from the stored event and its build."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from rules.delivery.compiled_builds import runnable_builds
from rules.delivery.event_run import run_arguments
from rules.engine import CompiledBuild, masked_trace, run_build
from rules.models import Build, InboundEvent

from .shown_values import parsed

Origin = Literal["stored", "again", ""]


@dataclass(frozen=True, slots=True)
class Trace:
    """The masked record of one run, and the build document that ran.

    Args:
        origin: ``stored`` with the event, computed ``again`` now, or empty if neither is possible.
        data: As ``RunResult.to_trace`` returns it.
        document: The build document, with tokens in place.
    """

    origin: Origin = ""
    data: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)


def trace_of(event: InboundEvent, build: Build | None) -> Trace:
    """Return the trace of an event.

    In production most traces are not stored. A run depends only on the event and the build. A second
    run without sending returns the same trace.
    """
    document = (parsed(build.document) if build else None) or {}
    stored = parsed(event.trace)
    if stored:
        return Trace("stored", stored, document)
    if build is None or event.state == InboundEvent.State.RECEIVED or not event.body:
        return Trace("", {}, document)
    runnable = runnable_builds([build.pk]).get(build.pk)
    if runnable is None or runnable.compiled is None:
        return Trace("", {}, document)
    return Trace("again", _run(event, runnable.compiled), document)


def _run(event: InboundEvent, build: CompiledBuild) -> dict[str, Any]:
    result = run_build(build, event.call(), **run_arguments(event))
    return masked_trace(result)
