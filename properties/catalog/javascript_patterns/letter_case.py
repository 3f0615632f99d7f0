"""Letters that are equal if case is ignored, as in JavaScript without the ``u`` flag.

Source: ECMA-262, Canonicalize; the Unicode Character Database of Python.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from functools import cache

from .code_units import HALVES, LAST

Range = tuple[int, int]
_ASCII = 128


def in_any_case(ranges: list[Range]) -> list[Range]:
    """Return ``ranges`` and every code unit that differs from one of them only by case."""
    families, cased = _families()
    found = {
        other
        for first, last in ranges
        for unit in cased[bisect_left(cased, first) : bisect_right(cased, last)]
        for other in families[unit]
    }
    return [*ranges, *((unit, unit) for unit in sorted(found))]


@cache
def _families() -> tuple[dict[int, list[int]], list[int]]:
    """Return code unit → all its equals, for units that have any; and these units in order."""
    families: dict[int, list[int]] = defaultdict(list)
    for unit in range(LAST + 1):
        families[_canonical(unit)].append(unit)
    found = {unit: family for family in families.values() if len(family) > 1 for unit in family}
    return found, sorted(found)


def _canonical(unit: int) -> int:
    if HALVES[0] <= unit <= HALVES[1]:
        return unit
    upper = chr(unit).upper()
    if len(upper) != 1 or ord(upper) > LAST or (unit >= _ASCII > ord(upper)):
        return unit
    return ord(upper)
