"""Reads purposes and vendors from a consent string of IAB Europe's Transparency and Consent Framework.

Source: IAB Tech Lab, "Consent string and vendor list formats v2.2", the core string.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

_CORE = re.compile(r"[A-Za-z0-9_-]{20,20000}")
_VERSION, _PURPOSES, _LAST_VENDOR = (0, 6), (152, 24), (213, 16)
_ENTRIES_START, _MOST_ENTRIES = 230, 12


@dataclass(frozen=True, slots=True)
class ConsentString:
    """A visitor's consent.

    Args:
        purposes: Numbers of the purposes with consent.
        vendors: Ranges of the ids of the vendors with consent, as written in the string.
    """

    purposes: frozenset[int]
    vendors: tuple[range, ...]

    def allows_vendor(self, vendor: int) -> bool:
        """Return whether the vendor with that id has consent."""
        return any(vendor in ids for ids in self.vendors)


def read_consent_string(text: str) -> ConsentString | None:
    """Return the consent in a TC string; None if ``text`` is not one of version 2."""
    core = text.strip().partition(".")[0]
    try:
        bits = _bits(core) if _CORE.fullmatch(core) else ""
        if not bits or _number(bits, *_VERSION) != 2:
            return None
        purposes = {n + 1 for n in range(_PURPOSES[1]) if bits[_PURPOSES[0] + n] == "1"}
        return ConsentString(frozenset(purposes), tuple(_vendors(bits)))
    except (ValueError, IndexError, binascii.Error):
        return None


def read_purposes(text: str) -> frozenset[int] | None:
    """Return the purposes with consent, even if the vendors are unreadable; None if there are none."""
    core = text.strip().partition(".")[0]
    bits = _bits(core) if _CORE.fullmatch(core) else ""
    start, count = _PURPOSES
    if len(bits) < start + count or _number(bits, *_VERSION) != 2:
        return None
    return frozenset(n + 1 for n in range(count) if bits[start + n] == "1")


def _bits(core: str) -> str:
    # Each letter is six bits, however many there are.
    data = base64.urlsafe_b64decode(core + "A" * (-len(core) % 4))
    return bin(int.from_bytes(b"\x01" + data))[3:][: 6 * len(core)]


def _number(bits: str, start: int, length: int) -> int:
    return int(bits[start : start + length], 2)


def _vendors(bits: str) -> Iterator[range]:
    """Yield vendor ids, which are written as one bit each or as ranges.

    Ranges are not expanded: a string may have thousands, and each may include every possible id.
    """
    last, is_ranges = _number(bits, *_LAST_VENDOR), bits[_ENTRIES_START - 1] == "1"
    if not is_ranges:
        yield from (range(n + 1, n + 2) for n in range(last) if bits[_ENTRIES_START + n] == "1")
        return
    position = _ENTRIES_START + _MOST_ENTRIES
    for _ in range(_number(bits, _ENTRIES_START, _MOST_ENTRIES)):
        is_range = bits[position] == "1"
        first = _number(bits, position + 1, 16)
        end = _number(bits, position + 17, 16) if is_range else first
        yield range(first, end + 1)
        position += 33 if is_range else 17
