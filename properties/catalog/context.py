"""What a component receives when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

ScriptKind = Literal["dataElement", "condition", "action"]
# The names that JavaScript uses.
PatternOperation = Literal["test", "exec", "replace", "split"]


class RunScript(Protocol):
    """Runs custom code for the current component."""

    def __call__(self, source: str, kind: ScriptKind, settings: Mapping[str, Any]) -> Any:
        """Return the result of the function body ``source`` (JSON types only); it can read ``settings``.

        Changes that the code of a condition or an action makes to ``arc`` are in the context afterwards.

        Raises:
            CatalogError: The code failed, took too long, or must not run now.
        """


class RunPattern(Protocol):
    """Runs a pattern as JavaScript does, within the limits of custom code."""

    def __call__(
        self, operation: PatternOperation, pattern: str, flags: str, text: str, *replacement: str
    ) -> Any:
        """Apply ``new RegExp(pattern, flags)`` to ``text``.

        Returns:
            ``test``: a bool; ``exec``: a list with the whole match and each group, or None; ``replace``: the
            new text; ``split``: the parts. A group that did not take part is None.

        Raises:
            CatalogError: The pattern is wrong, took too long, or must not run now.
        """


@dataclass(slots=True)
class EventContext:
    """One inbound event, as conditions, actions and data elements see it.

    Args:
        arc: ``{"event": {"xdm", "data"}, "request": {"header", "body"}, "ruleStash": {}}``, as in Adobe's
            engine. ``ruleStash`` belongs to the rule that runs.
        inbound_event_id: Our id of the stored event. It does not change in a retry or replay. Derive from it
            whatever must be random or unique.
        received_at: Unix seconds when the edge accepted the event. A component may use no other clock.
        build_info: ``buildInfo`` of the build document (``environment`` is the stage).
        rule: ``{"id", "name"}``, empty while a data element is evaluated outside a rule.
        component: ``{"id", "name"}`` of the component that runs.
        extension_settings: Resolved settings of the installed extension that the component belongs to.
        installation: Values of the settings that packages read from the environment, by name.
        test_code: What a person has set for all events of the environment: the test code to send them with,
            "" to send none, or None to leave it to the settings.
        get_data_element: Returns the value of a data element by name.
        default_country: ISO 3166-1 alpha-2 code of the property, in lower case, or "".
        run_script: Runs custom code; None where no sandbox is available.
        run_pattern: Runs a pattern that only JavaScript can run; None where no sandbox is available.
        secret_marker: Returns the text that replaces a stored credential, by its name, until the request is
            sent.

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
    test_code: str | None = None
    get_data_element: Callable[[str], Any] | None = None
    default_country: str = ""
    run_script: RunScript | None = None
    run_pattern: RunPattern | None = None
    secret_marker: Callable[[str], str] | None = None
