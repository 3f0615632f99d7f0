"""Values as text on a page."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST_IN_SENTENCE = 80
# How the engine begins an error, as Adobe's does; once more for each data element on the way to it.
_BLAMED = re.compile(r'Failed to execute (?:module for data element )?"(?P<name>.{0,300}?)"\. ')


def shown_text(value: Any) -> str:
    """A value as people read it: text as it is, everything else as JSON, objects over several lines."""
    if isinstance(value, str):
        return value
    is_nested = isinstance(value, dict | list) and bool(value)
    return json.dumps(value, ensure_ascii=False, indent=2 if is_nested else None)


def as_line(value: Any) -> str:
    """The same in one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def duration(microseconds: int) -> str:
    """Time spent: ``8 µs``, ``1.5 ms``, ``2.0 s``; empty for less than can be told."""
    if microseconds < 1000:
        return f"{microseconds} µs" if microseconds > 0 else ""
    milliseconds = microseconds / 1000
    return f"{milliseconds:.1f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def quoted(value: Any) -> str:
    """A value inside a sentence: ``“PageView”``, ``49.9``, ``missing``."""
    if value is None:
        return "missing"
    if value == "":
        return "empty"
    text = as_line(value)
    if len(text) > LONGEST_IN_SENTENCE:
        text = f"{text[:LONGEST_IN_SENTENCE]}…"
    return f"“{text}”" if isinstance(value, str) else text


def why_failed(error: str) -> str:
    """An error without the words that a title and the badge “Failed” beside it say already."""
    own = _BLAMED.match(error)
    return _BLAMED.sub(r"Data element “\g<name>”: ", error[own.end() :]) if own else error


def type_name(value: Any) -> str:
    """The JSON type of a value."""
    names: dict[type, str] = {
        bool: "boolean",
        int: "number",
        float: "number",
        str: "text",
        dict: "object",
        list: "list",
    }
    return names.get(type(value), "text")


def parsed(text: str) -> Any:
    """JSON of a stored text; None when it is empty or no JSON."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
