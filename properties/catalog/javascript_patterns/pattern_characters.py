"""Characters of a pattern: the meaning of escapes and brackets, and their form in RE2.

Source: ECMA-262, CharacterEscape, CharacterClass and Annex B.1.2.
"""

from __future__ import annotations

import re

from ..errors import InvalidParameter
from .code_units import HALVES, LAST, as_units, stand_in, unit_of
from .letter_case import Range

_HEX = {"x": re.compile(r"[0-9a-fA-F]{2}"), "u": re.compile(r"[0-9a-fA-F]{4}")}
_OCTAL = re.compile(r"[0-3][0-7]{0,2}|[4-7][0-7]?")
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_DASH = (0x2D, 0x2D)

LINE_ENDS: list[Range] = [(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)]
CLASSES: dict[str, list[Range]] = {
    "d": [(0x30, 0x39)],
    "w": [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
    "s": [
        (0x09, 0x0D),
        (0x20, 0x20),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x2000, 0x200A),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
        (0xFEFF, 0xFEFF),
    ],
}


class CharacterReader:
    """Reads a pattern from left to right.

    Args:
        pattern: In JavaScript's syntax.
        has_names: Whether it has named groups: ``\\k`` then refers to one.
    """

    def __init__(self, pattern: str, *, has_names: bool) -> None:
        self.pattern = as_units(pattern)
        self.has_names = has_names
        self.position = 0

    def next(self) -> str:
        """Return the next character; "" at the end."""
        sign = self.pattern[self.position : self.position + 1]
        self.position += 1
        return sign

    def escaped(self, sign: str, *, in_class: bool = False) -> int:
        """Return the code unit of an escape, after its first sign was read."""
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if match := _OCTAL.match(self.pattern, self.position - 1):
            self.position = match.end()
            return int(match[0], 8)
        if sign in _HEX and (match := _HEX[sign].match(self.pattern, self.position)):
            self.position = match.end()
            return int(match[0], 16)
        if sign == "c":
            return self._control(in_class=in_class)
        if sign == "k" and self.has_names:
            raise InvalidParameter("The pattern has “\\k” in brackets, where references are not possible.")
        return unit_of(sign)

    def _control(self, *, in_class: bool) -> int:
        letter = self.pattern[self.position : self.position + 1]
        if letter.isascii() and (letter.isalpha() or (in_class and (letter.isdigit() or letter == "_"))):
            self.position += 1
            return ord(letter) % 32
        self.position -= 1  # Annex B: a backslash, and the letter means itself.
        return ord("\\")

    def brackets(self) -> tuple[list[Range], bool]:
        """Return the code units in brackets, and whether they are negated; call after the first bracket."""
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        ranges: list[Range] = []
        while not self.pattern.startswith("]", self.position):
            ranges += self._class_part()
        self.position += 1
        return ranges, negated

    def _class_part(self) -> list[Range]:
        """Read one character, one range or one class of characters."""
        first = self._class_atom()
        dash = self.pattern.startswith("-", self.position)
        if not dash or self.pattern.startswith("]", self.position + 1):
            return first
        self.position += 1
        last = self._class_atom()
        if not (_single(first) and _single(last)):
            return [*first, _DASH, *last]
        if first[0][0] > last[0][0]:
            raise InvalidParameter("The pattern has a range in brackets whose ends are out of order.")
        return [(first[0][0], last[0][0])]

    def _class_atom(self) -> list[Range]:
        sign = self.next()
        if not sign:
            raise InvalidParameter("The pattern has a “[” without a “]”.")
        if sign != "\\":
            return [(unit_of(sign), unit_of(sign))]
        sign = self.next()
        if not sign:
            raise InvalidParameter("The pattern ends with a backslash.")
        if sign.lower() in CLASSES:
            ranges = CLASSES[sign.lower()]
            return _others(ranges) if sign.isupper() else ranges
        unit = 0x08 if sign == "b" else self.escaped(sign, in_class=True)
        return [(unit, unit)]


def _single(ranges: list[Range]) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _others(ranges: list[Range]) -> list[Range]:
    """Return all code units outside of ``ranges``, which are in order."""
    starts = [0, *(last + 1 for _, last in ranges)]
    ends = [*(first - 1 for first, _ in ranges), LAST]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start <= end]


def as_set(ranges: list[Range], *, negated: bool) -> str:
    """Return RE2's form of one of these code units, or of any but these."""
    if not ranges:  # ``[]`` matches nothing, ``[^]`` anything.
        return as_set([(0, LAST)], negated=not negated)
    if _single(ranges) and not negated:
        return _literal(ranges[0][0])
    inside = "".join(f"{_code(first)}-{_code(last)}" for first, last in _split(ranges))
    return f"[{'^' if negated else ''}{inside}]"


def _split(ranges: list[Range]) -> list[Range]:
    """Return the same code units, with halves of letters separate, because their order differs."""
    parts = [(0, HALVES[0] - 1), HALVES, (HALVES[1] + 1, LAST)]
    cut = [(max(first, low), min(last, high)) for first, last in ranges for low, high in parts]
    return [(first, last) for first, last in cut if first <= last]


def _literal(unit: int) -> str:
    letter = chr(unit)
    return letter if letter.isascii() and letter.isalnum() else _code(unit)


def _code(unit: int) -> str:
    return f"\\x{{{stand_in(unit):x}}}"
