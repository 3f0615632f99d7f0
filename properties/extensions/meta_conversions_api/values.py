"""Values of server event and custom data in Meta's types.

Source: Meta, Server Event Parameters; Custom Data Parameters; App Data Parameters.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from .cleaning import EMPTY, LARGEST_NUMBER, Hints, Normalizer, UnusableValue, as_text, clean
from .places import currencies


def text(value: Any, hints: Hints) -> str | None:
    """Return text without outer blanks, numbers as text."""
    if type(value) is str and value.isascii() and value.isprintable():
        return value.strip() or None
    return clean(as_text(value)) or None


# One letter before the @ is enough, and keeps the search of a long text short.
_PERSONAL = re.compile(r"[^@\s]@[^@\s]+\.[^@\s]|\+[0-9][0-9 ()./-]{6}")


def warn_if_personal(text: str, hints: Hints) -> None:
    """Note what looks like contact data where Meta's terms forbid it.

    Source: Meta, Conversions API best practices.
    """
    if _PERSONAL.search(text):
        message = "It looks like an e-mail address or phone number. Meta's terms forbid personal data here."
        hints.note(message, "personal_data")


def shared_text(value: Any, hints: Hints) -> str | None:
    """Return what ``text`` does, and warn when it looks personal."""
    result = text(value, hints)
    if result:
        warn_if_personal(result, hints)
    return result


def _impersonal(value: str) -> str | None:
    is_plain = value.isascii() and value.isprintable() and "@" not in value and "+" not in value
    return (value.strip() or None) if is_plain else None


shared_text.short = _impersonal  # type: ignore[attr-defined]


def own(value: Any, hints: Hints) -> Any:
    """Return a value of a key of one's own as it is."""
    if isinstance(value, str):
        warn_if_personal(value, hints)
    elif isinstance(value, float) and not math.isfinite(value):
        raise UnusableValue("It is not a finite number; left out.", "not_finite")
    return None if value in EMPTY else value


def verbatim(value: Any, hints: Hints) -> str | None:
    """Return text byte for byte, such as a user agent."""
    text = value if type(value) is str else as_text(value)
    return text if text and not text.isspace() else None


_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


def url(value: Any, hints: Hints) -> str | None:
    """Return an address of the web byte for byte.

    Source: Meta, Server Event Parameters, "event_source_url": must match the verified domain.
    """
    address = as_text(value).strip()
    if address and not _URL.fullmatch(address):
        raise UnusableValue("It must start with http:// or https://; left out.", "no_url")
    return address or None


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


_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{1,30})?|\.[0-9]{1,30})")


def number(value: Any, hints: Hints) -> int | float | None:
    """Return a number, also from a text with at most one decimal dot.

    Source: Meta, Custom Data Parameters, "value"; thousands marks and signs of a currency are not guessed.
    """
    if type(value) is int or type(value) is float:
        if -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            return value
        raise UnusableValue("It is not a finite number, or too large; left out.", "not_finite")
    digits = clean(as_text(value))
    if not digits:
        return None
    if not _NUMBER.fullmatch(digits):
        message = "It must be a number such as 1299.50, without thousands marks and currency sign; left out."
        raise UnusableValue(message, "not_a_number")
    return float(digits) if "." in digits else int(digits)


def amount(value: Any, hints: Hints) -> int | float | None:
    """Return the value of an event. Zero is a value; less is sent with a warning.

    Source: Meta, Custom Data Parameters, "value".
    """
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
    """Return an ISO 4217 code in upper case.

    Source: Meta, Custom Data Parameters, "currency".
    """
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

    Source: Meta, Custom Data Parameters, "content_ids".
    """
    found = []
    for member in members(value):
        if type(member) is str and member.isalnum() and member.isascii():
            found.append(member)
            continue
        try:
            word = None if member is None else text(member, hints)
        except UnusableValue as error:
            hints.note(str(error), error.code)
            continue
        if word:
            found.append(word)
    return found or None


EXTINFO_LENGTH = 16


def extinfo(value: Any, hints: Hints) -> list[str] | None:
    """Return the 16 positions of ``extinfo`` as texts, unknown ones empty.

    Source: Meta, App Data Parameters, "extinfo".
    """
    positions = ["" if member is None else as_text(member) for member in members(value)]
    if len(positions) > EXTINFO_LENGTH:
        raise UnusableValue("It has 16 positions at most; left out.", "extinfo_length")
    return positions + [""] * (EXTINFO_LENGTH - len(positions))


def one_of(*values: str) -> Normalizer:
    """Return a normalizer that takes these words only, in any letter case, blanks for ``_``."""

    known = frozenset(values)

    def run(value: Any, hints: Hints) -> str | None:
        if isinstance(value, str) and value in known:
            return value
        word = "_".join(clean(as_text(value)).lower().replace("-", " ").split())
        if word and word not in known:
            raise UnusableValue(f"Meta takes only {', '.join(values)}; left out.", "not_an_option")
        return word or None

    return run


DEEPEST_JSON = 32


def read_json(text: str) -> Any:
    """Return what a JSON text says, as databases and Meta take it.

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
