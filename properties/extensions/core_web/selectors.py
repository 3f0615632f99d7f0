"""Finds mistakes in CSS selectors, as far as that is possible without a browser.

The names of pseudo-classes and the arguments of functions are not judged: browsers learn new ones.

Source: https://www.w3.org/TR/selectors-4/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from properties.catalog.errors import Problem
from properties.catalog.tokens import tokens_in

_NAME = r"(?:--|-?(?:[A-Za-z_]|[^\x00-\x7f]|\\.))(?:[\w-]|[^\x00-\x7f]|\\.)*"
_TEXT = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_PARTS = re.compile(
    rf"""
    (?P<blank>\s+)
  | (?P<comma>,)
  | (?P<combinator>[>+~])
  | (?P<simple>
        [.#]{_NAME}
      | \[\s*(?:{_NAME}\|)?{_NAME}\s*(?:[~|^$*]?=\s*(?:{_NAME}|{_TEXT})\s*[iIsS]?\s*)?\]
      | ::?{_NAME}(?P<opens>\()?
    )
  | (?P<type>(?:{_NAME}|\*)?\|?(?:{_NAME}|\*))
    """,
    re.VERBOSE,
)
_ARGUMENT = re.compile(rf"{_TEXT}|\\.|[()]", re.DOTALL)
EXAMPLE = "Write it as in a style sheet, such as .add-to-cart-button."


def selector_problems(path: str, label: str, selector: Any) -> Iterator[Problem]:
    """Yield a problem if a typed selector cannot be one. A selector with data elements may become one."""
    if isinstance(selector, str) and selector and not tokens_in(selector) and (why := mistake(selector)):
        yield Problem(path, label, f"{why} {EXAMPLE}")


def mistake(selector: str) -> str:
    """Return why no browser accepts a selector, as a sentence; "" if one may."""
    position, before = 0, "comma"
    text = selector.strip()
    while position < len(text):
        found = _PARTS.match(text, position)
        if found is None:
            return (
                f"“{text[position : position + 20]}” cannot stand at position {position + 1} of a selector."
            )
        kind = str(found.lastgroup) if found.lastgroup != "opens" else "simple"
        if why := _misplaced(kind, found[0], before):
            return why
        position = found.end()
        if found["opens"]:
            position = _end_of_argument(text, position)
            if position < 0:
                return f"The bracket after “{found[0][:-1]}” is never closed."
        before = kind if kind != "blank" or before not in ("comma", "combinator") else before
    return (
        "Something must follow the sign at the end of the selector."
        if before != "blank" and _is_open(before)
        else ""
    )


def _is_open(kind: str) -> bool:
    return kind in ("comma", "combinator")


def _misplaced(kind: str, text: str, before: str) -> str:
    if kind in ("comma", "combinator") and before in ("comma", "combinator"):
        return f"Nothing stands before “{text}”."
    if kind == "type" and before in ("simple", "type"):
        return f"“{text}” cannot follow without a blank."
    return ""


def _end_of_argument(text: str, position: int) -> int:
    """Return the position after the bracket that closes an argument; -1 if none does."""
    depth = 1
    for found in _ARGUMENT.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return -1
