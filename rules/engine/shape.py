"""The shape of a build document, checked first because a document from outside may be anything.

Source: docs/reference/adobe.md, "The build document"; parts that are null or missing count as empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

Json = dict[str, Any]
# Adobe's engine accepts either.
Id = str | int


class _Settings(msgspec.Struct, kw_only=True):
    """An extension, or a property."""

    settings: Json | None = None


class _Delegate(_Settings, kw_only=True):
    """A data element."""

    modulePath: str


class _Component(_Delegate, kw_only=True):
    id: Id
    name: str | None = None


class _Rule(msgspec.Struct, kw_only=True):
    id: Id
    name: str | None = None
    conditions: list[_Component] | None = None
    actions: list[_Component] | None = None


class _Document(msgspec.Struct, kw_only=True):
    buildInfo: Json | None = None
    property: _Settings | None = None
    extensions: Json | None = None
    dataElements: Json | None = None
    rules: list[Any] | None = None


_Part = tuple[Any, type[msgspec.Struct], str]


def shape_problems(document: Any) -> Iterator[str]:
    """Yield each part that the engine cannot read, with its place, such as ``$.rules[0].actions[1]``."""
    if problem := _wrong(document, _Document, "$"):
        yield problem
        return
    rules = enumerate(document.get("rules") or ())
    parts: list[_Part] = [(it, _Rule, f"$.rules[{number}]") for number, it in rules]
    for key, kind in (("extensions", _Settings), ("dataElements", _Delegate)):
        for name, entry in (document.get(key) or {}).items():
            parts.append((entry, kind, f"$.{key}[{json.dumps(name, ensure_ascii=False)}]"))
    yield from filter(None, (_wrong(*part) for part in parts))


def _wrong(value: Any, kind: type[msgspec.Struct], place: str) -> str:
    """Return the first problem, or ""."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, inside = str(error).partition(" - at `$")
        return f"The build document cannot be read at {place}{inside.rstrip('`')}: {reason}."
    return ""
