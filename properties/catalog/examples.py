"""A worked example: test and documentation at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """Settings and an event in, a result out, with the page that says so.

    Args:
        title: A sentence.
        settings: Settings of the component, tokens allowed.
        result: What ``run`` gives: the value of a data element, True or False of a condition, and for an
            action the payloads of its items.
        source: The vendor's page that states the rule.
        event: ``{"xdm", "data"}``.
        data_elements: Name → value, for the tokens of the settings.
        extension_settings: Configuration of the extension.
        received_at: Unix seconds.
        request_header: ``arc.request.header``, such as ``{"httpHeaders": {"referer": ["https://…"]}}``.
        warnings: Codes of the warnings that it gives.
    """

    title: str
    settings: Mapping[str, Any]
    result: Any
    source: str
    event: Mapping[str, Any] = field(default_factory=dict)
    data_elements: Mapping[str, Any] = field(default_factory=dict)
    extension_settings: Mapping[str, Any] = field(default_factory=dict)
    received_at: float = 1_700_000_000.0
    request_header: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
