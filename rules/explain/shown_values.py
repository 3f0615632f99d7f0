"""Values as text on a page."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST_IN_SENTENCE = 80
# The engine starts an error like Adobe's, with one such part for each data element on the way to it.
_BLAMED = re.compile(r'Failed to execute (?:module for data element )?"(?P<name>.{0,300}?)"\. ')


def shown_text(value: Any) -> str:
    """Return a value for people: text unchanged, everything else as JSON, objects over several lines."""
    if isinstance(value, str):
        return value
    is_nested = isinstance(value, dict | list) and bool(value)
    return json.dumps(value, ensure_ascii=False, indent=2 if is_nested else None)


def as_line(value: Any) -> str:
    """Return a value for people in one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def duration(microseconds: int) -> str:
    """Return a time such as ``8 µs``, ``1.5 ms`` or ``2.0 s``; empty for less than 1 µs."""
    if microseconds < 1000:
        return f"{microseconds} µs" if microseconds > 0 else ""
    milliseconds = microseconds / 1000
    return f"{milliseconds:.1f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def quoted(value: Any) -> str:
    """Return a value for a sentence: ``“PageView”``, ``49.9`` or ``missing``."""
    if value is None:
        return "missing"
    if value == "":
        return "empty"
    text = as_line(value)
    if len(text) > LONGEST_IN_SENTENCE:
        text = f"{text[:LONGEST_IN_SENTENCE]}…"
    return f"“{text}”" if isinstance(value, str) else text


def why_failed(error: str) -> str:
    """Return an error without the words that its title and the word “Failed” already say."""
    own = _BLAMED.match(error)
    return _BLAMED.sub(r"Data element “\g<name>”: ", error[own.end() :]) if own else error


def type_name(value: Any) -> str:
    """Return the JSON type of a value."""
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
    """Parse JSON; return None if the text is empty or not JSON."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
