"""Finds misspelled names of standard events."""

from __future__ import annotations

import re
from functools import lru_cache

from .parameters import STANDARD_EVENTS

LONGEST = 60
_STANDARD = frozenset(STANDARD_EVENTS)
_MARKS = re.compile(r"[\s_-]+")
_BY_LETTERS = {name.lower(): name for name in STANDARD_EVENTS}


def meant_name(name: str) -> str:
    """Return the standard event that differs only by letter case, blanks, dashes or underscores; else "".

    Source: Meta, Pixel Reference: spelling must be exact, ``purchase`` is a custom event.
    """
    return "" if name in _STANDARD or len(name) > LONGEST else _nearest(name)


@lru_cache(maxsize=1024)
def _nearest(name: str) -> str:
    return _BY_LETTERS.get(_MARKS.sub("", name).lower(), "")
