"""Protocols for the sandbox: the engine itself runs no custom code.

Source: docs/reference/adobe.md, "What a module receives".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from properties.catalog.context import PatternOperation, ScriptKind
from properties.catalog.errors import CatalogError


class NoScripts(CatalogError):
    """Custom code needs a sandbox to run, and there is none."""


class ScriptOutput(Protocol):
    """The result of a piece of custom code; see ``rules.sandbox.ScriptResult``."""

    @property
    def value(self) -> Any: ...
    @property
    def arc_after(self) -> dict[str, Any] | None: ...
    @property
    def logs(self) -> Sequence[tuple[str, str]]: ...
    @property
    def saw_credentials(self) -> bool: ...


class ScriptSession(Protocol):
    """Runs the pieces of one event, one after the other. Its errors are CatalogErrors."""

    def run(
        self,
        source: str,
        *,
        kind: ScriptKind,
        arc: Mapping[str, Any],
        resolve: Callable[[str], Any],
        settings: Mapping[str, Any],
        extension_settings: Mapping[str, Any],
        rule: Mapping[str, str],
        component: Mapping[str, str],
        seconds: float | None,
    ) -> ScriptOutput: ...

    def close(self) -> None: ...


class ScriptHost(Protocol):
    """Opens a session for each event that has custom code, and runs JavaScript patterns."""

    def session(
        self, call_data: Mapping[str, Any], *, seed: str, clock: float, build_info: Mapping[str, Any]
    ) -> ScriptSession: ...

    def run_pattern(
        self, operation: PatternOperation, pattern: str, flags: str, text: str, *replacement: str
    ) -> Any: ...
