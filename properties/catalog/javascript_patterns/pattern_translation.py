"""Translates a pattern of JavaScript without the ``u`` flag to an equivalent pattern of RE2.

Source: ECMA-262, Patterns and Annex B.1.2; docs/reference/adobe.md, "JavaScript semantics": patterns.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache

from ..errors import InvalidParameter
from .code_units import as_units, from_units, unit_of
from .letter_case import Range, in_any_case
from .pattern_characters import CLASSES, LINE_ENDS, CharacterReader, as_set

_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<least>[0-9]+)(?P<comma>,(?P<most>[0-9]*))?\})\??")
_AROUND = re.compile(r"\?<?[=!]")
_NAMED = re.compile(r"\?<(?P<name>[^>]*)>")
# The openings of capturing groups, and openings that look similar.
_GROUPS = re.compile(
    r"\\.|\[(?:\\.|[^\]\\])*\]?|(?P<opens>\((?:(?!\?)|\?<(?![=!])(?P<name>[^>]*)>))", re.DOTALL
)
_DECIMAL = re.compile(r"[1-9][0-9]*")
_REFERENCE = re.compile("<([^>]*)>")
_MOST_DIGITS = 4
_NAME_ESCAPE = re.compile(r"\\u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})")


@dataclass(frozen=True, slots=True)
class Translation:
    """A valid pattern.

    Args:
        text: The pattern for RE2.
        names: The name of each group in order; empty for one without.
        is_beyond: RE2 cannot run it.
        finds_otherwise: RE2 finds it in the same texts, but perhaps at another place or with other groups.
    """

    text: str
    names: tuple[str, ...]
    is_beyond: bool
    finds_otherwise: bool


@lru_cache(maxsize=512)
def translate(pattern: str, case_insensitive: bool, *, capturing: bool) -> Translation:
    """Return ``pattern`` for RE2, for texts in the form of :func:`as_units`.

    Args:
        capturing: Keep the matches of groups; slower.

    Raises:
        InvalidParameter: JavaScript refuses the pattern.
    """
    reader = _Reader(pattern, case_insensitive, capturing=capturing)
    text = reader.text()
    return Translation(text, tuple(reader.names), reader.is_beyond, reader.finds_otherwise)


@dataclass(slots=True)
class _Group:
    """An open group, or the whole pattern.

    Args:
        opening: The text after its parenthesis.
        before: The number of groups up to it, itself included.
        can_be_empty: Whether a completed alternative can match an empty text.
        branch_can: Whether the current alternative can, so far.
    """

    opening: str
    before: int
    can_be_empty: bool = False
    branch_can: bool = True


class _Reader(CharacterReader):
    """Reads the whole pattern and writes its translation."""

    def __init__(self, pattern: str, case_insensitive: bool, *, capturing: bool) -> None:
        groups = [match for match in _GROUPS.finditer(as_units(pattern)) if match["opens"]]
        self.group_count = len(groups)
        self.known_names = {_name_of(match["name"]) for match in groups if match["name"] is not None}
        super().__init__(pattern, has_names=bool(self.known_names))
        self.case_insensitive = case_insensitive
        self.capture = "(" if capturing else "(?:"
        self.written: list[str] = []
        self.names: list[str] = []
        self.open = [_Group("", 0)]
        self.closed: _Group | None = None
        self.repeatable = False
        self.can_be_empty = True
        self.is_beyond = False
        self.finds_otherwise = False

    def text(self) -> str:
        while self.position < len(self.pattern):
            self._term()
        if len(self.open) > 1:
            raise InvalidParameter("The pattern has a “(” without a “)”.")
        return "".join(self.written)

    def _term(self) -> None:
        if match := _QUANTIFIER.match(self.pattern, self.position):
            self._quantifier(match)
            return
        self._end_term()
        sign = self.next()
        special = {"(": self._open, ")": self._close, "[": self._brackets, "\\": self._escape, "|": self._or}
        if sign in special:
            special[sign]()
        elif sign in "^$":
            self._write(sign, repeatable=False)
        elif sign == ".":
            self._characters(LINE_ENDS, negated=True)
        else:
            self._character(unit_of(sign))

    def _write(self, text: str, *, repeatable: bool) -> None:
        self.written.append(text)
        self.repeatable = repeatable

    def _end_term(self) -> None:
        """End the term before the next one begins."""
        self.open[-1].branch_can &= self.can_be_empty
        self.can_be_empty, self.closed = True, None

    # Groups and repetitions

    def _quantifier(self, match: re.Match[str]) -> None:
        if not self.repeatable:
            raise InvalidParameter(f"The pattern has “{match[0]}” where there is nothing to repeat.")
        if match["most"] and int(match["least"]) > int(match["most"]):
            raise InvalidParameter(f"The pattern has “{match[0]}”, whose numbers are out of order.")
        if self.closed is not None:
            holds_groups = len(self.names) > self.closed.before
            # Before each round, JavaScript clears the groups inside; it stops after an empty round.
            self.finds_otherwise |= self.can_be_empty or (holds_groups and match[0][0] != "?")
        if match[0][0] in "*?" or (match["least"] and int(match["least"]) == 0):
            self.can_be_empty = True
        self._write(match[0], repeatable=False)
        self.position = match.end()

    def _open(self) -> None:
        around = _AROUND.match(self.pattern, self.position)
        named = None if around else _NAMED.match(self.pattern, self.position)
        plain = self.pattern.startswith("?:", self.position)
        if self.pattern.startswith("?", self.position) and not (around or named or plain):
            shown = from_units(self.pattern[self.position : self.position + 3])
            raise InvalidParameter(f"The pattern has “({shown}”, which is not valid in JavaScript.")
        opening = around[0] if around else named[0] if named else "?:" if plain else ""
        self.is_beyond |= around is not None
        if not (around or plain):
            self._add_name(_name_of(named["name"]) if named else "")
        self.position += len(opening)
        self.open.append(_Group(opening, len(self.names)))
        self._write("(?:" if around or plain else self.capture, repeatable=False)

    def _add_name(self, name: str) -> None:
        if name and name in self.names:
            raise InvalidParameter(f"The pattern has two groups named “{name}”.")
        self.names.append(name)

    def _close(self) -> None:
        if len(self.open) == 1:
            raise InvalidParameter("The pattern has a “)” without a “(”.")
        group = self.open.pop()
        self.can_be_empty, self.closed = group.can_be_empty or group.branch_can, group
        is_around = _AROUND.match(group.opening)
        self.can_be_empty |= is_around is not None
        # Annex B allows a lookahead to be repeated, but not a lookbehind.
        self._write(")", repeatable=not (is_around and group.opening.startswith("?<")))

    def _or(self) -> None:
        group = self.open[-1]
        group.can_be_empty |= group.branch_can
        group.branch_can = True
        self._write("|", repeatable=False)

    # Characters

    def _character(self, unit: int) -> None:
        self._characters([(unit, unit)])

    def _characters(self, ranges: list[Range], *, negated: bool = False) -> None:
        self.can_be_empty = False
        ranges = in_any_case(ranges) if self.case_insensitive else ranges
        self._write(as_set(ranges, negated=negated), repeatable=True)

    def _brackets(self) -> None:
        ranges, negated = self.brackets()
        self._characters(ranges, negated=negated)

    def _escape(self) -> None:
        sign = self.next()
        if not sign:
            raise InvalidParameter("The pattern ends with a backslash.")
        if sign == "b":
            self._write("\\b", repeatable=False)
        elif sign == "B":
            self.is_beyond = True  # RE2 finds it inside letters.
            self._write("", repeatable=False)
        elif sign.lower() in CLASSES:
            self._characters(CLASSES[sign.lower()], negated=sign.isupper())
        elif sign == "k" and self.known_names:
            self._refer_to_name()
        elif not self._refer_to_number():
            self._character(self.escaped(sign))

    def _refer_to_name(self) -> None:
        match = _REFERENCE.match(self.pattern, self.position)
        if match is None or _name_of(match[1]) not in self.known_names:
            raise InvalidParameter("The pattern refers back with “\\k” to a group that it does not have.")
        self._refer_back(match.end())

    def _refer_to_number(self) -> bool:
        """Return whether a number after a backslash refers to a group; otherwise it is a character."""
        match = _DECIMAL.match(self.pattern, self.position - 1)
        if match is None or len(match[0]) > _MOST_DIGITS or int(match[0]) > self.group_count:
            return False
        self._refer_back(match.end())
        return True

    def _refer_back(self, end: int) -> None:
        self.is_beyond = True
        self._write("(?:)", repeatable=True)
        self.position = end


def _name_of(written: str) -> str:
    """Return the name of a group.

    Raises:
        InvalidParameter: The name is not an identifier of JavaScript.
    """
    plain = _NAME_ESCAPE.sub(_escaped_letter, from_units(written))
    if not plain.replace("$", "_").isidentifier():
        raise InvalidParameter(f"The pattern has a group with the name “{plain}”, which is not a valid name.")
    return plain


def _escaped_letter(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= sys.maxunicode else match[0]
