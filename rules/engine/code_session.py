"""The custom code of one event, in one session that opens when the first piece runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from properties.catalog.context import EventContext, ScriptKind

from .circumstances import Circumstances
from .records import ComponentRun, ElementRun
from .results import RunResult
from .scripts import NoScripts, ScriptOutput, ScriptSession

Record = ComponentRun | ElementRun


class CodeSession:
    """Runs pieces of custom code for one event, and notes what they logged.

    Args:
        call: The stored event, as :func:`run_build` accepts it.
        result: Records whether code saw credentials.
        resolve: Returns the value of a data element that code asks for.
    """

    def __init__(
        self,
        call: Mapping[str, Any],
        given: Circumstances,
        result: RunResult,
        resolve: Callable[[str], Any],
    ) -> None:
        self._call, self._given, self._result, self._resolve = call, given, result, resolve
        self._session: ScriptSession | None = None

    def run(
        self,
        source: str,
        kind: ScriptKind,
        settings: Mapping[str, Any],
        context: EventContext,
        record: Record,
    ) -> ScriptOutput:
        """Run one piece for the component that ``record`` is about.

        Raises:
            NoScripts: There is nothing that runs custom code.
        """
        output = self._opened().run(
            source,
            kind=kind,
            arc=context.arc,
            resolve=self._resolve,
            settings=settings,
            extension_settings=context.extension_settings,
            rule=context.rule,
            component=context.component,
            seconds=record.component.timeout_seconds if isinstance(record, ComponentRun) else None,
        )
        self._result.is_repeatable = self._result.is_repeatable and not output.saw_credentials
        record.logs = [*record.logs, *output.logs]
        return output

    def close(self) -> None:
        """End the session, if a piece has run."""
        if self._session is not None:
            self._session.close()

    def _opened(self) -> ScriptSession:
        if self._session is None:
            given = self._given
            if given.scripts is None:
                raise NoScripts("Custom code cannot be run here.")
            self._session = given.scripts.session(
                self._call,
                seed=given.inbound_event_id,
                clock=given.received_at,
                build_info=self._result.build.build_info,
            )
        return self._session
