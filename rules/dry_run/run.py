"""Runs of an event through a build without sending, for dry runs."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from rules.engine import CompiledBuild, RunResult, run_build
from rules.sandbox import shared_sandbox

from .samples import SampleEvent


def run_sample(build: CompiledBuild, sample: SampleEvent, secret_marker: Callable[[str], str]) -> RunResult:
    """Return what a build does with an event. Stored events give the same result each time.

    Code that fails again and again still runs: the person wants to see why it fails.

    Args:
        secret_marker: Returns the text that replaces the credential of that name.
    """
    return run_build(
        build,
        sample.call,
        inbound_event_id=sample.inbound_event_id,
        received_at=sample.received_at,
        installation=settings.INSTALLATION,
        secret_marker=secret_marker,
        scripts=shared_sandbox().sandbox,
    )
