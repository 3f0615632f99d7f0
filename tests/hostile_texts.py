"""Texts on which a pattern may take more than one pass, made from the pattern itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

PLAIN = [
    "a",
    " ",
    "1",
    ".",
    "-",
    "(",
    '"',
    "\\",
    "{{",
    "[[",
    "a@",
    "a.",
    "1,",
    "%40",
    '\\"',
    "é",
    "AB",
    "a=",
    "\t\n",
]


def hostile_texts(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    """Repeat common hostile texts, and every beginning of an example of the pattern, never a whole example.

    An engine that restarts behind each of them, and reads to the end every time, takes length² / 2 steps.
    """
    example = "".join(_example(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)))[:200]
    beginnings = {example[:end] for end in range(1, len(example) + 1)}
    for part in [*PLAIN, *sorted(beginnings)]:
        yield (part * (length // len(part) + 1))[:length]
        # Once, then one letter repeated: the text never holds what the pattern looks for.
        yield (part + part[-1] * length)[:length]


def _example(parsed: Any) -> Iterator[str]:
    for code, argument in parsed:
        yield from _step(code, argument)


def _step(code: Any, argument: Any) -> Iterator[str]:
    if code is _constants.LITERAL:
        yield chr(argument)
    elif code in {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}:
        least, _, inner = argument
        yield "".join(_example(inner)) * max(1, min(least, 3))
    elif code is _constants.SUBPATTERN:
        yield from _example(argument[3])
    elif code is _constants.BRANCH:
        yield from _example(argument[1][0])
    elif code is _constants.ATOMIC_GROUP:
        yield from _example(argument)
    elif code is _constants.IN:
        yield _member(argument)
    elif code in {_constants.ANY, _constants.NOT_LITERAL}:
        yield "a"


def _member(choices: list[Any]) -> str:
    tried = "".join(_parser_class(choices))
    return next((sign for sign in "a1 -.,x\"'(" if re.fullmatch(tried, sign)), "a")


def _parser_class(choices: list[Any]) -> Iterator[str]:
    yield "["
    for code, argument in choices:
        if code is _constants.NEGATE:
            yield "^"
        elif code is _constants.LITERAL:
            yield re.escape(chr(argument))
        elif code is _constants.RANGE:
            yield f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        elif code is _constants.CATEGORY:
            yield _CATEGORIES[str(argument)]
    yield "]"


_CATEGORIES = {
    f"CATEGORY_{name}": sign
    for name, sign in {
        "SPACE": r"\s",
        "NOT_SPACE": r"\S",
        "DIGIT": r"\d",
        "NOT_DIGIT": r"\D",
        "WORD": r"\w",
        "NOT_WORD": r"\W",
    }.items()
}
