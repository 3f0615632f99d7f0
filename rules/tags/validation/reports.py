"""Reads the report of a library. It came from a browser, so every part of it is checked and bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.site_checks import BrowserCall

MOST = 30
LONGEST = 200


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What a library of Development saw in a page.

    Args:
        host, path: Of the page, without its query.
        environment: uid of the environment of the build.
        content: Checksum of the build's content.
        other_engine: Whether the page has a rule engine of another vendor.
        blocked: What the page's policy refused, such as ``connect-src data.shop.example``.
        rules: Name of each rule that ran → whether all its actions could start.
        calls: Events that went to vendors' scripts in this session, oldest first.
        parts: Package name → what its module saw.
    """

    host: str = ""
    path: str = ""
    environment: str = ""
    content: str = ""
    other_engine: bool = False
    blocked: list[str] = field(default_factory=list)
    rules: dict[str, bool] = field(default_factory=dict)
    calls: list[BrowserCall] = field(default_factory=list)
    parts: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def page(self) -> str:
        return self.host + self.path


def read_report(text: str) -> SiteReport | None:
    """Return a stored report; None before the first one, or if it is none."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return SiteReport(
        **{key: _text(found.get(key)) for key in ("host", "environment", "content")},
        path=_path(_text(found.get("path"))),
        other_engine=found.get("otherEngine") is True,
        blocked=list(map(_text, _list(found.get("blocked")))),
        rules=dict(_rules(found.get("rules"))),
        calls=list(_calls(found.get("calls"))),
        parts=dict(_parts(found.get("parts"))),
    )


def _text(value: Any) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def _path(path: str) -> str:
    """Return a path without parts that look like an address of a person."""
    return "/".join("…" if "@" in part or "%40" in part else part for part in path.split("/"))


def _list(value: Any) -> list[Any]:
    return value[-MOST:] if isinstance(value, list) else []


def _rules(value: Any) -> Iterator[tuple[str, bool]]:
    for row in _list(value):
        if isinstance(row, list) and len(row) == 2 and _text(row[0]):
            yield _text(row[0]), row[1] is True


def _calls(value: Any) -> Iterator[BrowserCall]:
    for row in _list(value):
        if isinstance(row, list) and len(row) == 3 and _text(row[0]):
            yield BrowserCall(_text(row[0]), _text(row[1]), row[2] is True)


def _parts(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, part in list(value.items())[:MOST] if isinstance(value, dict) else ():
        if isinstance(part, dict):
            yield _text(name), {_text(key): _bounded(it) for key, it in list(part.items())[:MOST]}


def _bounded(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_text, _list(value)))
    return value if isinstance(value, bool | int) or value is None else _text(value)
