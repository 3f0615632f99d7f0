"""Text as JavaScript counts it: in 16-bit units, two for a letter beyond U+FFFF.

RE2 does not accept half of such a letter. Halves are therefore replaced by characters of the private plane
16, which no event can contain: a letter of that plane is itself split into two halves.
"""

from __future__ import annotations

import re
from array import array

HALVES = (0xD800, 0xDFFF)
LAST = 0xFFFF
_SHIFT = 0x10F800 - HALVES[0]
_BEYOND = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")
_STAND_INS = re.compile("[\U0010f800-\U0010ffff]")


def units(text: str) -> list[int]:
    """Return the code units of ``text``."""
    return array("H", text.encode("utf-16-le", "surrogatepass")).tolist()


def stand_in(unit: int) -> int:
    """Return the code point that replaces a code unit."""
    return unit + _SHIFT if HALVES[0] <= unit <= HALVES[1] else unit


def unit_of(character: str) -> int:
    """Return the code unit that a character of :func:`as_units` represents."""
    code = ord(character)
    return code - _SHIFT if code > LAST else code


def as_units(text: str) -> str:
    """Return ``text`` with one character for each code unit."""
    if text.isascii() or not _BEYOND.search(text):
        return text
    return "".join(chr(stand_in(unit)) for unit in units(text))


def from_units(text: str) -> str:
    """Reverse :func:`as_units` for a text or a part of it; a half without its other half becomes U+FFFD."""
    if text.isascii() or not _STAND_INS.search(text):
        return text
    halves = _STAND_INS.sub(lambda match: chr(ord(match[0]) - _SHIFT), text)
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
