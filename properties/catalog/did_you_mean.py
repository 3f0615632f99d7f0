"""Suggestions for misspelled names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name with the most similar spelling; None if none is close."""
    return next(iter(get_close_matches(name, list(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean “Email”?`` if a known name is close, else an empty text."""
    near = closest(name, known)
    return f"; did you mean “{near}”?" if near else ""
