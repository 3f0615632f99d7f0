"""The sandbox of a process, which skips scripts that repeatedly cost too much."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from properties.catalog.context import PatternOperation

from .pool import Sandbox
from .script_credentials import Credentials
from .script_errors import ScriptCrashed, ScriptTimedOut, ScriptTooBig
from .session import ScriptResult, Session
from .watcher import Watcher

Result = TypeVar("Result")
logger = logging.getLogger(__name__)

STRIKES = (ScriptTimedOut, ScriptTooBig, ScriptCrashed)
"""Failures that delay other events. An error that code throws delays nothing, and any event may provoke it:
a stranger who leaves out a field must not switch a piece off for everybody."""


@dataclass(frozen=True, slots=True)
class WatchedSandbox:
    """Runs custom code for the engine. Three strikes of a script within a minute skip it for a minute.

    Args:
        credentials: Gives code the values of credentials; None leaves it the secret markers.
    """

    sandbox: Sandbox
    watcher: Watcher
    credentials: Credentials | None = None

    def session(
        self, call_data: Mapping[str, Any], *, seed: str, clock: float, build_info: Mapping[str, Any]
    ) -> WatchedSession:
        """Return the session of one event. It costs nothing until a piece runs."""
        session = self.sandbox.session(
            call_data, seed=seed, clock=clock, build_info=build_info, credentials=self.credentials
        )
        return WatchedSession(session, self.watcher)

    def run_pattern(
        self, operation: PatternOperation, pattern: str, flags: str, text: str, *replacement: str
    ) -> Any:
        """Like :meth:`Sandbox.run_pattern`; a pattern that fails repeatedly is skipped too."""
        run = partial(self.sandbox.run_pattern, operation, pattern, flags, text, *replacement)
        return watch(self.watcher, f"pattern {pattern}", "A pattern", run)


@dataclass(frozen=True, slots=True)
class WatchedSession:
    """A session whose pieces are identified by their component and their text."""

    session: Session
    watcher: Watcher

    def run(self, source: str, *, component: Mapping[str, str], **given: Any) -> ScriptResult:
        """Like :meth:`Session.run`.

        Raises:
            ScriptDegraded: The piece is skipped for now.
        """
        component_id = component.get("id", "")
        piece = partial(self.session.run, source, component=component, **given)
        return watch(self.watcher, f"{component_id} {source}", f"Custom code of {component_id}", piece)

    def close(self) -> None:
        """See :meth:`Session.close`."""
        self.session.close()


def watch(watcher: Watcher, script: str, what: str, run: Callable[[], Result]) -> Result:
    """Return the result of ``run``, unless ``script`` is skipped; count its strikes."""
    watcher.refuse_degraded(script)
    try:
        return run()
    except STRIKES as error:
        if watcher.failed(script, str(error)):
            logger.warning("%s was ended so often that it is skipped for a while", what)
        raise


@cache
def shared_sandbox() -> WatchedSandbox:
    """Return the sandbox of this process; children start when they are first needed."""
    return WatchedSandbox(Sandbox(), Watcher())
