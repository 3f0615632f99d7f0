"""Which letters count as the same when case does not matter, as JavaScript has it without the ``u`` flag.

Source: ECMA-262, Canonicalize; the Unicode Character Database of Python.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from .code_units import HALVES, LAST

Range = tuple[int, int]
_ASCII = 128


def in_any_case(ranges: list[Range]) -> list[Range]:
    """``ranges`` and every code unit that differs from one in them by its case alone."""
    families = _families()
    if all(first == last for first, last in ranges):
        units = {other for unit, _ in ranges for other in families.get(unit, ())}
    else:
        units = {
            other
            for unit, family in families.items()
            if any(first <= unit <= last for first, last in ranges)
            for other in family
        }
    return [*ranges, *((unit, unit) for unit in sorted(units))]


@cache
def _families() -> dict[int, list[int]]:
    """Code unit → all that are the same as it, for those that are not alone."""
    families: dict[int, list[int]] = defaultdict(list)
    for unit in range(LAST + 1):
        families[_canonical(unit)].append(unit)
    return {unit: family for family in families.values() if len(family) > 1 for unit in family}


def _canonical(unit: int) -> int:
    if HALVES[0] <= unit <= HALVES[1]:
        return unit
    upper = chr(unit).upper()
    if len(upper) != 1 or ord(upper) > LAST or (unit >= _ASCII > ord(upper)):
        return unit
    return ord(upper)
