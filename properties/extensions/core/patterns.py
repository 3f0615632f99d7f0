"""Patterns of JavaScript, run by RE2: no pattern and no text can make it slow.

A pattern is read as ECMA-262 without the ``u`` flag has it and written for RE2 with the same meaning. What
RE2 cannot express (look-around, back-references, very many repetitions) is told apart from what is wrong: a
condition then asks for JavaScript, which runs it under the limits of custom code. Two differences remain: a
letter beyond U+FFFF counts as one character, where JavaScript counts two, and with Case Insensitive the long
s and the Kelvin sign match s and k.

Source: adobe-event-forwarding, "More behaviour", patterns; ECMA-262, Patterns and Annex B.1.2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

from properties.catalog.errors import InvalidParameter

LONGEST = 2000
_HIGHEST = 0x10FFFF
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<least>[0-9]+)(?P<comma>,(?P<most>[0-9]*))?\})\??")
_HEX = {"x": re.compile(r"[0-9a-fA-F]{2}"), "u": re.compile(r"[0-9a-fA-F]{4}")}
_AROUND = re.compile(r"\?<?[=!]")
_NAMED_GROUP = re.compile(r"\?<[A-Za-z_$][A-Za-z0-9_$]*>")
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}

Range = tuple[int, int]
_LINE_ENDS: list[Range] = [(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)]
_CLASSES: dict[str, list[Range]] = {
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


class NeedsJavaScript(InvalidParameter):
    """The pattern reads well, but only JavaScript itself can run it."""


def matches(pattern: str, text: str, case_insensitive: bool) -> bool:
    """Whether ``pattern`` is found anywhere in ``text``.

    Raises:
        NeedsJavaScript: RE2 cannot express the pattern.
        InvalidParameter: The pattern is wrong.
    """
    return compile_pattern(pattern, case_insensitive).search(text) is not None


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, case_insensitive: bool, *, capturing: bool = False) -> Any:
    """The pattern of RE2 with the meaning that ``pattern`` has in JavaScript.

    Args:
        pattern: As JavaScript writes it, without slashes.
        case_insensitive: The flag ``i``.
        capturing: Keep what groups have found; slower.

    Raises:
        NeedsJavaScript: RE2 cannot express the pattern.
        InvalidParameter: The pattern is wrong.
    """
    if len(pattern) > LONGEST:
        raise InvalidParameter(f"The pattern is longer than {LONGEST} characters.")
    options = re2.Options()
    options.log_errors = False  # It would print the pattern.
    options.case_sensitive = not case_insensitive
    try:
        return re2.compile(_Translation(pattern, capturing=capturing).text(), options)
    except re2.error:
        raise NeedsJavaScript("The pattern repeats too much; repeat at most 1,000 times.") from None


@lru_cache(maxsize=256)
def group_names(pattern: str) -> tuple[str, ...]:
    """The name of each group of a right pattern, in order; empty for a group without one."""
    translation = _Translation(pattern)
    translation.text()
    return tuple(translation.names)


class _Translation:
    """Reads a pattern from left to right and writes it anew."""

    def __init__(self, pattern: str, *, capturing: bool = False) -> None:
        self.pattern = pattern
        self.position = 0
        self.written: list[str] = []
        self.group = "(" if capturing else "(?:"
        self.names: list[str] = []
        self.open_groups: list[str] = []
        self.repeatable = False
        self.beyond = ""

    def text(self) -> str:
        while self.position < len(self.pattern):
            self._term()
        if self.open_groups:
            raise InvalidParameter("The pattern has a “(” without a “)”.")
        if self.beyond:
            raise NeedsJavaScript(self.beyond)
        return "".join(self.written)

    def _term(self) -> None:
        if match := _QUANTIFIER.match(self.pattern, self.position):
            self._quantifier(match)
            return
        sign = self._next()
        special = {"(": self._open, ")": self._close, "[": self._class, "\\": self._escape}
        if sign in special:
            special[sign]()
        elif sign in "^$|":
            self._write(sign, repeatable=False)
        elif sign == ".":
            self._write(_set(_LINE_ENDS, negated=True))
        else:
            self._write(_literal(ord(sign)))

    def _next(self) -> str:
        sign = self.pattern[self.position : self.position + 1]
        self.position += 1
        return sign

    def _write(self, text: str, *, repeatable: bool = True) -> None:
        self.written.append(text)
        self.repeatable = repeatable

    def _quantifier(self, match: re.Match[str]) -> None:
        if not self.repeatable:
            raise InvalidParameter(f"The pattern has “{match[0]}” where there is nothing to repeat.")
        if match["most"] and int(match["least"]) > int(match["most"]):
            raise InvalidParameter(f"The pattern has “{match[0]}”, whose numbers are out of order.")
        self._write(match[0], repeatable=False)
        self.position = match.end()

    def _open(self) -> None:
        rest = self.pattern[self.position :]
        around = _AROUND.match(rest)
        named = _NAMED_GROUP.match(rest)
        if around:
            self.beyond = f"The pattern looks around with “({around[0]}”, which cannot be run here."
        elif rest.startswith("?") and not named and not rest.startswith("?:"):
            raise InvalidParameter(f"The pattern has “({rest[:3]}”, which JavaScript does not know.")
        captures = not around and not rest.startswith("?:")
        if captures:
            self.names.append(named[0][2:-1] if named else "")
        self.position += len((around or named or [rest[:2] if rest.startswith("?:") else ""])[0])
        self.open_groups.append(around[0] if around else "")
        self._write(self.group if captures else "(?:", repeatable=False)

    def _close(self) -> None:
        if not self.open_groups:
            raise InvalidParameter("The pattern has a “)” without a “(”.")
        # Annex B lets what looks ahead be repeated; what looks behind cannot be.
        self._write(")", repeatable=not self.open_groups.pop().startswith("?<"))

    def _escape(self) -> None:
        sign = self._next()
        if sign in ("b", "B"):
            self._write(f"\\{sign}", repeatable=False)
        elif sign.lower() in _CLASSES and sign:
            self._write(_set(_CLASSES[sign.lower()], negated=sign.isupper()))
        elif sign and sign in "123456789k":
            self.beyond = f"The pattern refers back with “\\{sign}”, which cannot be run here."
            self._write("(?:)")
        else:
            self._write(_literal(self._character(sign)))

    def _character(self, sign: str) -> int:
        """Code point that an escape stands for, after its first sign was read."""
        if not sign:
            raise InvalidParameter("The pattern ends with a backslash.")
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign in _HEX and (match := _HEX[sign].match(self.pattern, self.position)):
            self.position = match.end()
            return self._joined(int(match[0], 16))
        letter = self.pattern[self.position : self.position + 1]
        if sign == "c" and letter.isascii() and letter.isalpha():
            self.position += 1
            return ord(letter) % 32
        if sign == "c":  # Annex B: a backslash, and the letter stands for itself.
            self.position -= 1
            return ord("\\")
        return ord(sign)

    def _joined(self, unit: int) -> int:
        """The letter of a pair of surrogates such as ``\\uD83D\\uDE00``."""
        if not 0xD800 <= unit <= 0xDFFF:
            return unit
        low = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})").match(self.pattern, self.position)
        if unit > 0xDBFF or low is None:
            raise InvalidParameter("The pattern has one half of a letter beyond U+FFFF.")
        self.position = low.end()
        return 0x10000 + ((unit - 0xD800) << 10) + int(low[1], 16) - 0xDC00

    def _class(self) -> None:
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        ranges: list[Range] = []
        while not self.pattern.startswith("]", self.position):
            ranges += self._class_part()
        self.position += 1
        self._write(_set(ranges, negated=negated))

    def _class_part(self) -> list[Range]:
        """One character, one range or one class of characters."""
        first = self._class_atom()
        dash = self.pattern.startswith("-", self.position)
        if not dash or self.pattern.startswith("]", self.position + 1):
            return first
        self.position += 1
        last = self._class_atom()
        if not (_single(first) and _single(last)):
            return [*first, (0x2D, 0x2D), *last]
        if first[0][0] > last[0][0]:
            raise InvalidParameter("The pattern has a range in brackets whose ends are out of order.")
        return [(first[0][0], last[0][0])]

    def _class_atom(self) -> list[Range]:
        sign = self._next()
        if not sign:
            raise InvalidParameter("The pattern has a “[” without a “]”.")
        if sign != "\\":
            return [(ord(sign), ord(sign))]
        sign = self._next()
        if sign and sign.lower() in _CLASSES:
            ranges = _CLASSES[sign.lower()]
            return _others(ranges) if sign.isupper() else ranges
        code = 0x08 if sign == "b" else self._character(sign)
        return [(code, code)]


def _single(ranges: list[Range]) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _others(ranges: list[Range]) -> list[Range]:
    """All characters outside of ``ranges``, which are in order."""
    starts = [0, *(last + 1 for _, last in ranges)]
    ends = [*(first - 1 for first, _ in ranges), _HIGHEST]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start <= end]


def _set(ranges: list[Range], *, negated: bool = False) -> str:
    if not ranges:  # ``[]`` is nothing, ``[^]`` is anything.
        return _set([(0, _HIGHEST)], negated=not negated)
    inside = "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges)
    return f"[{'^' if negated else ''}{inside}]"


def _literal(code: int) -> str:
    letter = chr(code)
    return letter if letter.isascii() and letter.isalnum() else f"\\x{{{code:x}}}"
