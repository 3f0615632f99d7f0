"""Texts that programs print where there is no value, and what is meant by a list where one value is due.

Sent on, ``undefined`` would make one person of all guests, and one event of all events without an id.
"""

from __future__ import annotations

from typing import Any

# What programs print, in that spelling: no value of any field.
# Source: ECMA-262 (ToString), PEP 237 and SQL prompts; Google Analytics Help, "(not set)", "(none)" and
# "(not provided)"; RFC 9562, 5.9 (Nil UUID), which iOS and Android give for a person who limits tracking.
_PRINTED = (
    *("undefined", "null", "NULL", "NaN", "(null)", "<null>", "Infinity", "-Infinity", "Invalid Date"),
    *("(not set)", "(not provided)", "(none)", "[object Object]", "[object Undefined]", "[object Null]"),
    *("[object Array]", "00000000-0000-0000-0000-000000000000", "0" * 32),
)
# No value of a field that holds an id or another word for machines; a person or a place may be called so.
_NO_IDS = ("undefined", "null", "nan", "none", "nil", "n/a", "(not set)", "(not provided)", "(none)")

# As in "{{First Name}} {{Last Name}}" of a guest.
_REPEATED = [[word] * times for word in _PRINTED if word.isalpha() for times in (2, 3, 4)]

PRINTED = frozenset([*_PRINTED, *map(" ".join, _REPEATED)])
NO_IDS = PRINTED.union(*((word, word.upper(), word.capitalize(), word.title()) for word in _NO_IDS))
# Of a name that has lost its blanks.
JOINED = frozenset(text.replace(" ", "") for text in PRINTED)

MESSAGE = "It is a text such as “undefined” or “null” that stands for no value; left out."
INSIDE = "It holds texts such as “undefined” or “null” that stand for no value; they were left out."
CODE = "no_value"


def says_nothing(text: str) -> bool:
    """Whether a text is one that programs print for no value, once or repeated as in a full name."""
    return text.strip() in PRINTED


def names_nothing(text: str) -> bool:
    """The same for ids and the like, which nobody is called by: in other spellings as well."""
    return text.strip() in NO_IDS


def only_member(value: Any) -> Any:
    """The one value of a list with one member, also of lists in lists; anything else as it is.

    For a field that takes one value: headers and query strings come as lists of one.
    """
    while type(value) is list and len(value) == 1:
        [value] = value
    return value
