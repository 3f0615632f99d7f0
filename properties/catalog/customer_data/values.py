"""Texts, numbers, amounts and lists in the types that vendors accept."""

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
    """Return text without outer blanks, numbers as text.

    Raises:
        UnusableValue: It stands for no value, in any spelling: for ids and the like.
    """
    result = words(value)
    if result in NO_IDS:
        raise UnusableValue(MESSAGE, CODE)
    return result


def words(value: Any) -> str | None:
    """Return text without outer blanks, numbers as text, nothing for empty ones."""
    if type(value) is str and value.isascii() and value.isprintable():
        return value.strip() or None
    return clean(as_text(value)) or None


def verbatim(value: Any, hints: Hints) -> str | None:
    """Return text byte for byte, such as a user agent; of a header that comes as a list its first one."""
    if isinstance(value, list):
        value = next((it for it in map(only_member, value) if isinstance(it, str) and it.strip()), "")
    text = value if type(value) is str else as_text(value)
    if names_nothing(text):
        raise UnusableValue(MESSAGE, CODE)
    return text if text and not text.isspace() else None


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def boolean(value: Any, hints: Hints) -> bool | None:
    """Return true or false, also from texts and 0 and 1."""
    if isinstance(value, bool):
        return value
    word = clean(as_text(value)).lower()
    if word and word not in _BOOLEANS:
        raise UnusableValue("It must be true or false; left out.", "not_boolean")
    return _BOOLEANS[word] if word else None


def flag(value: Any, hints: Hints) -> int | None:
    """Return 0 or 1, from true and false as well."""
    answer = boolean(value, hints)
    return None if answer is None else int(answer)


_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{1,30})?|\.[0-9]{1,30})(?P<power>[eE][+-]?[0-9]{1,2})?")


def number(value: Any, hints: Hints) -> int | float | None:
    """Return a number, also from a text with at most one decimal dot, or with a power of ten (1.2E+3).

    Thousands marks and signs of a currency are not guessed.
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
        message = "It must be a number such as 1299.50, without thousands marks and currency sign; left out."
        raise UnusableValue(message, "not_a_number")
    if written["power"]:
        return _from_power(digits, hints)
    return float(digits) if "." in digits else int(digits)


def _from_power(digits: str, hints: Hints) -> int | float | None:
    """1200 for ``1.2E+3``, as spreadsheets write it; whole numbers stay whole."""
    exact = Decimal(digits)
    return number(int(exact) if exact == exact.to_integral_value() else float(exact), hints)


def amount(value: Any, hints: Hints) -> int | float | None:
    """Return the value of an event. Zero is a value; less is sent with a warning."""
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
        raise UnusableValue("It is no currency code of ISO 4217, such as USD; left out.", "no_currency")
    return code or None


def members(value: Any) -> list[Any]:
    """Return a list as it is, a JSON list in a text parsed, anything else as the only member."""
    if type(value) is list:
        return value
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return list(read_json(value))
        except UnusableValue:
            return [value]
    return [value]


def texts(value: Any, hints: Hints) -> list[str] | None:
    """Return a list of texts; numbers become text so that they equal catalog ids.

    Reads ``123, 456`` and ``[SKU-1,SKU-2]`` as two.
    """
    found = []
    for member in _separated(members(value)):
        if type(member) is str and member.isalnum() and member.isascii() and member not in NO_IDS:
            found.append(member)
            continue
        try:
            word = None if member is None else text(only_member(member), hints)
        except UnusableValue as error:
            hints.note(str(error), error.code)
            continue
        if word:
            found.append(word)
    return found or None


texts.takes_lists = True  # type: ignore[attr-defined]


def _separated(given: list[Any]) -> list[Any]:
    """The members, or the parts of the only one at its commas; a list of several may hold commas."""
    if len(given) != 1 or type(given[0]) is not str or "," not in given[0]:
        return given
    inner = given[0].strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return [part.strip().strip("\"'") for part in inner.split(",")]


def one_of(*values: str) -> Normalizer:
    """Return a normalizer that takes these words only, in any letter case, blanks for ``_``."""

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
    """Return what a JSON text says, as databases take it.

    Raises:
        UnusableValue: It is no JSON, nested too deeply, or holds numbers that are not finite.
    """
    try:
        return _storable(json.loads(text), DEEPEST_JSON)
    except (ValueError, RecursionError):
        raise UnusableValue("It is no valid JSON; left out.", "no_json") from None


def _storable(value: Any, levels: int) -> Any:
    """The value without NUL and halves of surrogate pairs, which a JSON text may spell with escapes."""
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
        UnusableValue: It is neither.
    """
    if isinstance(value, str):
        value = read_json(value)
    if type(value) is not dict and not isinstance(value, Mapping):
        raise UnusableValue("It must be a JSON object; left out.", "no_object")
    return value
