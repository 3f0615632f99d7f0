"""The inputs of a run, apart from the build and the event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .scripts import ScriptHost


# Not frozen: one is made for each event, and a frozen one takes three times as long.
@dataclass(slots=True)
class Circumstances:
    """Arguments of :func:`run_build`, where they are described."""

    inbound_event_id: str
    received_at: float
    installation: Mapping[str, str]
    secret_marker: Callable[[str], str]
    scripts: ScriptHost | None = None
    test_code: str | None = None
