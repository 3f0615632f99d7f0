"""What a delegate sees when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

ScriptKind = Literal["dataElement", "condition", "action"]
# As JavaScript calls them.
PatternOperation = Literal["test", "exec", "replace", "split"]


class RunScript(Protocol):
    """Runs custom code for the component at hand."""

    def __call__(self, source: str, kind: ScriptKind, settings: Mapping[str, Any]) -> Any:
        """What the function body ``source`` returns, JSON types only; ``settings`` are what it can ask for.

        What the code of a condition or an action changes in ``arc`` is in the context afterwards.

        Raises:
            CatalogError: The code failed, took too long, or must not run now.
        """


class RunPattern(Protocol):
    """Runs a pattern as JavaScript does, under the limits of custom code."""

    def __call__(
        self, operation: PatternOperation, pattern: str, flags: str, text: str, *replacement: str
    ) -> Any:
        """What ``new RegExp(pattern, flags)`` gives for ``text``.

        Returns:
            ``test``: a bool; ``exec``: a list of what the whole and each group found, or None; ``replace``:
            the new text; ``split``: the parts. A group that took no part is None.

        Raises:
            CatalogError: The pattern is wrong, took too long, or must not run now.
        """


@dataclass(slots=True)
class EventContext:
    """One inbound event, as conditions, actions and data elements see it.

    Args:
        arc: ``{"event": {"xdm", "data"}, "request": {"header", "body"}, "ruleStash": {}}`` as Adobe's engine
            gives it. ``ruleStash`` belongs to the rule that runs.
        inbound_event_id: Our id of the stored event, the same in every retry and replay. Whatever must be
            random or unique is derived from it.
        received_at: Unix seconds when the edge accepted the event. The only clock a delegate may use.
        build_info: ``buildInfo`` of the build document (``environment`` is the stage).
        rule: ``{"id", "name"}``, empty while a data element is evaluated outside a rule.
        component: ``{"id", "name"}`` of the component that runs.
        extension_settings: Settings of the installed extension that the component belongs to, resolved.
        installation: Values of the settings that packages take from the environment, by name.
        get_data_element: Value of a data element by name.
        default_country: ISO 3166-1 alpha-2 of the property, lower-case, or "".
        run_script: Runs custom code; None where there is nothing to run it.
        run_pattern: Runs a pattern that only JavaScript can run; None where there is nothing to run it.
        secret_marker: Text that stands for a stored credential, by its name, until the request is sent.

    Source: docs/reference/adobe.md, "What a module receives".
    """

    arc: dict[str, Any]
    inbound_event_id: str
    received_at: float
    build_info: Mapping[str, Any] = field(default_factory=dict)
    rule: Mapping[str, str] = field(default_factory=dict)
    component: Mapping[str, str] = field(default_factory=dict)
    extension_settings: Mapping[str, Any] = field(default_factory=dict)
    installation: Mapping[str, str] = field(default_factory=dict)
    get_data_element: Callable[[str], Any] | None = None
    default_country: str = ""
    run_script: RunScript | None = None
    run_pattern: RunPattern | None = None
    secret_marker: Callable[[str], str] | None = None
