"""Patterns (regular expressions) of JavaScript: whether one is valid, and what RE2 makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InvalidParameter, Problem
from .pattern_translation import Translation, translate

LONGEST = 2000


def read_pattern(source: str, *, case_insensitive: bool = False, capturing: bool = False) -> Translation:
    """Return a pattern for RE2.

    Raises:
        InvalidParameter: JavaScript refuses the pattern, or it is too long.
    """
    if len(source) > LONGEST:
        raise InvalidParameter(f"The pattern is longer than {LONGEST} characters.")
    return translate(source, case_insensitive, capturing=capturing)


def pattern_problems(path: str, label: str, pattern: str, example: str) -> Iterator[Problem]:
    """Yield problems of a typed pattern."""
    if not pattern:
        yield Problem(path, label, f"Enter a regular expression, such as {example}.")
        return
    try:
        read_pattern(pattern)
    except InvalidParameter as error:
        yield Problem(path, label, str(error))


__all__ = ["LONGEST", "Translation", "pattern_problems", "read_pattern"]
