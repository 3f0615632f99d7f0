"""Normalizers for texts, numbers, amounts and lists."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .cleaning import LARGEST_NUMBER, Hints, Normalizer, UnusableValue, as_text, clean
from .nothing import CODE, MESSAGE, NO_IDS, names_nothing, only_member
from .places import currencies


def text(value: Any, hints: Hints) -> str | None:
    """Return text without outer blanks, and numbers as text. For IDs and other machine-readable words.

    Raises:
        UnusableValue: The text means "no value", in any spelling.
    """
    result = words(value)
    if result in NO_IDS:
        raise UnusableValue(MESSAGE, CODE)
    return result


def words(value: Any) -> str | None:
    """Return text without outer blanks, numbers as text, None for empty text."""
    if type(value) is str and value.isascii() and value.isprintable():
        return value.strip() or None
    return clean(as_text(value)) or None


def verbatim(value: Any, hints: Hints) -> str | None:
    """Return text byte for byte, such as a user agent; from a list of header values, the first."""
    if isinstance(value, list):
        value = next((it for it in map(only_member, value) if isinstance(it, str) and it.strip()), "")
    text = value if type(value) is str else as_text(value)
    if names_nothing(text):
        raise UnusableValue(MESSAGE, CODE)
    return text if text and not text.isspace() else None


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def boolean(value: Any, hints: Hints) -> bool | None:
    """Return true or false, also from text and from 0 and 1."""
    if isinstance(value, bool):
        return value
    word = clean(as_text(value)).lower()
    if word and word not in _BOOLEANS:
        raise UnusableValue("It must be true or false; left out.", "not_boolean")
    return _BOOLEANS[word] if word else None


def flag(value: Any, hints: Hints) -> int | None:
    """Return 0 or 1, also from true and false."""
    answer = boolean(value, hints)
    return None if answer is None else int(answer)


_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{1,30})?|\.[0-9]{1,30})(?P<power>[eE][+-]?[0-9]{1,2})?")


def number(value: Any, hints: Hints) -> int | float | None:
    """Return a number, also from text with at most one decimal point or a power of ten (1.2E+3).

    Refuses thousands separators and currency signs, because their meaning is ambiguous.
    """
    if type(value) is int or type(value) is float:
        if -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            return value
        raise UnusableValue("It is not a finite number, or too large; left out.", "not_finite")
    digits = clean(as_text(value))
    if not digits:
        return None
    written = _NUMBER.fullmatch(digits)
    if not written:
        message = "It must be a number such as 1299.50, without thousands separators or currency; left out."
        raise UnusableValue(message, "not_a_number")
    if written["power"]:
        return _from_power(digits, hints)
    return float(digits) if "." in digits else int(digits)


def _from_power(digits: str, hints: Hints) -> int | float | None:
    """Read ``1.2E+3``, as spreadsheets write it, as 1200; whole numbers stay integers."""
    exact = Decimal(digits)
    return number(int(exact) if exact == exact.to_integral_value() else float(exact), hints)


def amount(value: Any, hints: Hints) -> int | float | None:
    """Return the value of an event. Zero is valid; a negative value adds a warning."""
    if type(value) is float and 0 <= value <= LARGEST_NUMBER:
        return value
    result = number(value, hints)
    if result is not None and result < 0:
        hints.note("It is below zero.", "negative")
    return result


def integer(value: Any, hints: Hints) -> int | None:
    """Return a whole number."""
    if type(value) is int and -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        return value
    result = number(value, hints)
    if result is None or isinstance(result, int):
        return result
    if not result.is_integer():
        raise UnusableValue("It must be a whole number; left out.", "not_whole")
    return int(result)


def currency(value: Any, hints: Hints) -> str | None:
    """Return an ISO 4217 code in upper case."""
    if type(value) is str and value in currencies():
        return value
    code = clean(as_text(value)).upper()
    if code and code not in currencies():
        raise UnusableValue("It is not an ISO 4217 currency code such as USD; left out.", "no_currency")
    return code or None


def members(value: Any) -> list[Any]:
    """Return a list unchanged, a JSON list in a text parsed, and any other value as the only member."""
    if type(value) is list:
        return value
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return list(read_json(value))
        except UnusableValue:
            return [value]
    return [value]


def texts(value: Any, hints: Hints) -> list[str] | None:
    """Return a list of texts; numbers become text, as IDs in a catalog are.

    Reads ``123, 456`` and ``[SKU-1,SKU-2]`` as two members.
    """
    found: list[str] = []
    problems: list[UnusableValue] = []
    for member in _separated(members(value)):
        if type(member) is str and member.isalnum() and member.isascii() and member not in NO_IDS:
            found.append(member)
            continue
        try:
            word = None if member is None else text(only_member(member), hints)
        except UnusableValue as error:
            problems.append(error)
            continue
        if word:
            found.append(word)
    hints.leave_out(problems, rest_is_sent=bool(found))
    return found or None


texts.takes_lists = True  # type: ignore[attr-defined]


def _separated(given: list[Any]) -> list[Any]:
    """Split an only member at its commas. The members of a longer list may contain commas."""
    if len(given) != 1 or type(given[0]) is not str or "," not in given[0]:
        return given
    inner = given[0].strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return [part.strip().strip("\"'") for part in inner.split(",")]


def one_of(*values: str) -> Normalizer:
    """Return a normalizer that accepts only these words, in any letter case and with blanks for ``_``."""

    known = frozenset(values)

    def run(value: Any, hints: Hints) -> str | None:
        if isinstance(value, str) and value in known:
            return value
        word = "_".join(clean(as_text(value)).lower().replace("-", " ").split())
        if word and word not in known:
            raise UnusableValue(f"Only these are accepted: {', '.join(values)}; left out.", "not_an_option")
        return word or None

    return run


DEEPEST_JSON = 32


def read_json(text: str) -> Any:
    """Parse a JSON text into a value that a database can store.

    Raises:
        UnusableValue: The text is not JSON, is nested too deeply, or contains a number that is not finite.
    """
    try:
        return _storable(json.loads(text), DEEPEST_JSON)
    except (ValueError, RecursionError):
        raise UnusableValue("It is not valid JSON; left out.", "no_json") from None


def _storable(value: Any, levels: int) -> Any:
    """Remove NUL and lone surrogates, which escapes in a JSON text may contain."""
    if isinstance(value, str):
        plain = value.replace("\x00", "")
        return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not finite")
    if levels == 0 and isinstance(value, list | dict):
        raise ValueError("too deep")
    if isinstance(value, list):
        return [_storable(member, levels - 1) for member in value]
    if isinstance(value, dict):
        return {_storable(key, 0): _storable(member, levels - 1) for key, member in value.items()}
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object, also from its JSON text.

    Raises:
        UnusableValue: The value is neither an object nor the JSON text of one.
    """
    if isinstance(value, str):
        value = read_json(value)
    if type(value) is not dict and not isinstance(value, Mapping):
        raise UnusableValue("It must be a JSON object; left out.", "no_object")
    return value
