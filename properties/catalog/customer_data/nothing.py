"""Placeholder texts for missing values, and lists in place of a single value.

If ``undefined`` were sent, a vendor would take all guests for one person, and all events without an ID for
one event.
"""

from __future__ import annotations

from typing import Any

# Printed by programs in exactly this spelling; never a value, in any field.
# Source: ECMA-262 (ToString), PEP 237 and SQL prompts; Google Analytics Help, "(not set)", "(none)" and
# "(not provided)"; RFC 9562, 5.9 (Nil UUID), which iOS and Android return for a person who limits tracking.
_PRINTED = (
    *("undefined", "null", "NULL", "NaN", "(null)", "<null>", "Infinity", "-Infinity", "Invalid Date"),
    *("(not set)", "(not provided)", "(none)", "[object Object]", "[object Undefined]", "[object Null]"),
    *("[object Array]", "00000000-0000-0000-0000-000000000000", "0" * 32),
)
# Never a value in a field for an ID or another machine-readable word; a person or a place may have this name.
_NO_IDS = ("undefined", "null", "nan", "none", "nil", "n/a", "(not set)", "(not provided)", "(none)")

# The result of "{{First Name}} {{Last Name}}" for a guest.
_REPEATED = [[word] * times for word in _PRINTED if word.isalpha() for times in (2, 3, 4)]

PRINTED = frozenset([*_PRINTED, *map(" ".join, _REPEATED)])
NO_IDS = PRINTED.union(*((word, word.upper(), word.capitalize(), word.title()) for word in _NO_IDS))
# Names without their blanks.
JOINED = frozenset(text.replace(" ", "") for text in PRINTED)

MESSAGE = "It is a text such as “undefined” or “null” that means “no value”; left out."
INSIDE = "It contains texts such as “undefined” or “null” that mean “no value”; they were left out."
CODE = "no_value"


def says_nothing(text: str) -> bool:
    """Whether programs print this text for "no value", once or repeated as in a full name."""
    return text.strip() in PRINTED


def names_nothing(text: str) -> bool:
    """Whether this text is not an ID: like :func:`says_nothing`, and in further spellings."""
    return text.strip() in NO_IDS


def only_member(value: Any) -> Any:
    """Return the only member of a list, also through nested lists; return any other value unchanged.

    For a field with one value: headers and query strings arrive as lists with one member.
    """
    while type(value) is list and len(value) == 1:
        [value] = value
    return value
