"""The trace of an event: the stored one, or the same worked out again from the stored event and its build."""

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
    """What the engine recorded for one event, masked, and the document that it ran.

    Args:
        origin: ``stored`` with the event; worked out ``again`` now; or empty, when neither is possible.
        data: As ``RunResult.to_trace`` gives it.
        document: The build document, with tokens in place.
    """

    origin: Origin = ""
    data: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)


def trace_of(event: InboundEvent, build: Build | None) -> Trace:
    """The trace of an event.

    In production most traces are not stored. A run depends on nothing but the event and the build, so that
    running it again without sending anything tells the same.
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
