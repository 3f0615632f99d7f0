"""Worked examples, which serve as tests and as documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """Settings and an event as input, the expected result, and the page that states it.

    Args:
        title: A sentence.
        settings: Settings of the component; may hold tokens.
        result: The result of ``run``: the value of a data element, True or False for a condition, and the
            payloads of the items for an action. In a web package: how often an event starts its rule, and
            what ``shows`` gives after an action.
        source: The vendor's page that states the rule.
        event: ``{"xdm", "data"}``.
        data_elements: Name → value, for the tokens of the settings.
        elements: For a web package: name → delegate id of a data element without settings.
        actions: For a web package: (delegate id, settings) of actions that run first, or start the event.
        extension_settings: Configuration of the extension.
        received_at: Unix seconds.
        request_header: ``arc.request.header``, such as ``{"httpHeaders": {"referer": ["https://…"]}}``.
        warnings: Codes of the expected warnings.
        page: For a web package: the page. ``url`` (path and query), ``html`` (its body), ``before`` and
            ``then`` (JavaScript that runs before and after the library), and ``shows`` (JavaScript for the
            result of an action).
    """

    title: str
    settings: Mapping[str, Any]
    result: Any
    source: str
    event: Mapping[str, Any] = field(default_factory=dict)
    data_elements: Mapping[str, Any] = field(default_factory=dict)
    elements: Mapping[str, str] = field(default_factory=dict)
    actions: Sequence[tuple[str, Mapping[str, Any]]] = ()
    extension_settings: Mapping[str, Any] = field(default_factory=dict)
    received_at: float = 1_700_000_000.0
    request_header: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    page: Mapping[str, str] = field(default_factory=dict)
