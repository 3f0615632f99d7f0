"""Names that were nearly right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelt most like this one; None if none is near."""
    return next(iter(get_close_matches(name, list(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean “Email”?`` if a known name is near, else nothing."""
    near = closest(name, known)
    return f"; did you mean “{near}”?" if near else ""
