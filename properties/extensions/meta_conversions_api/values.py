"""Values of server event and custom data in Meta's types.

Source: Meta, Server Event Parameters; Custom Data Parameters; App Data Parameters.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .cleaning import EMPTY, LARGEST_NUMBER, Hints, Normalizer, UnusableValue, as_text, clean
from .nothing import CODE, INSIDE, MESSAGE, NO_IDS, PRINTED, names_nothing, only_member, says_nothing
from .places import currencies


def text(value: Any, hints: Hints) -> str | None:
    """Return text without outer blanks, numbers as text.

    Raises:
        UnusableValue: It stands for no value, in any spelling: for ids and the like.
    """
    result = _words(value)
    if result in NO_IDS:
        raise UnusableValue(MESSAGE, CODE)
    return result


def _words(value: Any) -> str | None:
    if type(value) is str and value.isascii() and value.isprintable():
        return value.strip() or None
    return clean(as_text(value)) or None


# One letter before the @ is enough, and keeps the search of a long text short.
_PERSONAL = re.compile(r"[^@\s]@[^@\s]+\.[^@\s]|\+[0-9][0-9 ()./-]{6}")
_PERSONAL_MESSAGE = "It looks like an e-mail address or phone number. Meta's terms forbid personal data here."


def warn_if_personal(text: str, hints: Hints) -> None:
    """Note what looks like contact data where Meta's terms forbid it.

    Source: Meta, Conversions API best practices.
    """
    if _PERSONAL.search(text):
        hints.note(_PERSONAL_MESSAGE, "personal_data")


def shared_text(value: Any, hints: Hints) -> str | None:
    """Return text without outer blanks, and warn when it looks personal."""
    return _shared(_words(value), hints)


def shared_id(value: Any, hints: Hints) -> str | None:
    """Return what ``text`` does, and warn when it looks personal."""
    return _shared(text(value, hints), hints)


def _shared(text: str | None, hints: Hints) -> str | None:
    if text in PRINTED:
        raise UnusableValue(MESSAGE, CODE)
    if text:
        warn_if_personal(text, hints)
    return text


def _impersonal(value: str) -> str | None:
    if not (value.isascii() and value.isprintable()) or "@" in value or "+" in value:
        return None
    word = value.strip()
    return None if word in PRINTED else word or None


def _impersonal_id(value: str) -> str | None:
    word = _impersonal(value)
    return None if word in NO_IDS else word


shared_text.short = _impersonal  # type: ignore[attr-defined]
shared_id.short = _impersonal_id  # type: ignore[attr-defined]


def status(value: Any, hints: Hints) -> str | None:
    """Return a state as text; true and false, which the Pixel takes, as words.

    Source: Meta, Pixel Reference, "status" (boolean); Custom Data Parameters, "status" (string).
    """
    return str(value).lower() if isinstance(value, bool) else shared_text(value, hints)


def success(value: Any, hints: Hints) -> str | None:
    """Return "1" or "0", from true and false as well; other texts as they are.

    Source: Meta, Conversions API for App Events, "success".
    """
    word = str(value).lower() if isinstance(value, bool) else shared_text(value, hints)
    return {"true": "1", "false": "0"}.get((word or "").lower(), word)


status.short = _impersonal  # type: ignore[attr-defined]

# Deeper than any event that is taken.
_DEEPEST_OWN = 40


def own(value: Any, hints: Hints) -> Any:
    """Return a value of a key of one's own as it is, without members that stand for nothing."""
    if isinstance(value, str):
        if says_nothing(value):
            raise UnusableValue(MESSAGE, CODE)
        warn_if_personal(value, hints)
    elif isinstance(value, float) and not math.isfinite(value):
        raise UnusableValue("It is not a finite number; left out.", "not_finite")
    elif isinstance(value, list | dict):
        return _own_object(value, hints)
    return None if value in EMPTY else value


def _own_object(value: Any, hints: Hints) -> Any:
    texts: list[str] = []
    kept = _pruned(value, texts, _DEEPEST_OWN)
    if any(map(says_nothing, texts)):
        hints.note(INSIDE, CODE)
    if any(map(_PERSONAL.search, texts)):
        hints.note(_PERSONAL_MESSAGE, "personal_data")
    return None if kept in EMPTY else kept


def _pruned(value: Any, texts: list[str], levels: int) -> Any:
    """The value without members that stand for nothing; ``texts`` collects every text in it."""
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, list) and levels:
        return [_pruned(it, texts, levels - 1) for it in value if not _is_nothing(it, texts)]
    elif isinstance(value, dict) and levels:
        return {
            key: kept
            for key, it in value.items()
            if not _is_nothing(it, texts) and not _emptied(it, kept := _pruned(it, texts, levels - 1))
        }
    return value


def _is_nothing(value: Any, texts: list[str]) -> bool:
    is_nothing = isinstance(value, str) and says_nothing(value)
    if is_nothing:
        texts.append(value)
    return is_nothing


def _emptied(before: Any, after: Any) -> bool:
    return bool(before) and after in ([], {})


own.takes_lists = True  # type: ignore[attr-defined]


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

    Source: Meta, Custom Data Parameters, "value"; thousands marks and signs of a currency are not guessed.
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

    Reads ``123, 456`` and ``[SKU-1,SKU-2]`` as two.

    Source: Meta, Custom Data Parameters, "content_ids".
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


EXTINFO_LENGTH = 16


def extinfo(value: Any, hints: Hints) -> list[str] | None:
    """Return the 16 positions of ``extinfo`` as texts, unknown ones empty.

    Source: Meta, App Data Parameters, "extinfo".
    """
    positions = ["" if member is None else as_text(member) for member in members(value)]
    if any(map(names_nothing, positions)):
        positions = ["" if names_nothing(position) else position for position in positions]
        hints.note(INSIDE, CODE)
    if len(positions) > EXTINFO_LENGTH:
        raise UnusableValue("It has 16 positions at most; left out.", "extinfo_length")
    return positions + [""] * (EXTINFO_LENGTH - len(positions))


extinfo.takes_lists = True  # type: ignore[attr-defined]


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
