"""Normalizers for server event and custom data that are specific to Meta.

Source: Meta, Server Event Parameters; Custom Data Parameters; App Data Parameters.
"""

from __future__ import annotations

import math
import re
from typing import Any

from properties.catalog.customer_data.cleaning import EMPTY, Hints, UnusableValue, as_text
from properties.catalog.customer_data.nothing import (
    CODE,
    INSIDE,
    MESSAGE,
    NO_IDS,
    PRINTED,
    names_nothing,
    says_nothing,
)
from properties.catalog.customer_data.values import members, text, words

# Matching only one letter before the @ keeps the search of a long text fast.
_PERSONAL = re.compile(r"[^@\s]@[^@\s]+\.[^@\s]|\+[0-9][0-9 ()./-]{6}")
_PERSONAL_MESSAGE = "It looks like an email address or phone number. Meta's terms forbid personal data here."


def warn_if_personal(text: str, hints: Hints) -> None:
    """Warn if a text looks like contact data, because Meta's terms forbid it here.

    Source: Meta, Conversions API best practices.
    """
    if _PERSONAL.search(text):
        hints.note(_PERSONAL_MESSAGE, "personal_data")


def shared_text(value: Any, hints: Hints) -> str | None:
    """Return text without outer blanks, and warn if it looks personal."""
    return _shared(words(value), hints)


def shared_id(value: Any, hints: Hints) -> str | None:
    """Return an ID as ``text`` does, and warn if it looks personal."""
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
    """Return a state as text; true and false, which the Pixel accepts, become words.

    Source: Meta, Pixel Reference, "status" (boolean); Custom Data Parameters, "status" (string).
    """
    return str(value).lower() if isinstance(value, bool) else shared_text(value, hints)


def success(value: Any, hints: Hints) -> str | None:
    """Return "1" or "0", also from true and false; other texts stay unchanged.

    Source: Meta, Conversions API for App Events, "success".
    """
    word = str(value).lower() if isinstance(value, bool) else shared_text(value, hints)
    return {"true": "1", "false": "0"}.get((word or "").lower(), word)


status.short = _impersonal  # type: ignore[attr-defined]

# Deeper than any event that the edge accepts.
_DEEPEST_OWN = 40


def own(value: Any, hints: Hints) -> Any:
    """Return the value of a key that Meta does not define, without members that mean "no value"."""
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
    """Remove members that mean "no value"; ``texts`` collects every text in the value."""
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


EXTINFO_LENGTH = 16


def extinfo(value: Any, hints: Hints) -> list[str] | None:
    """Return the 16 values of ``extinfo`` as texts; unknown ones are empty.

    Source: Meta, App Data Parameters, "extinfo".
    """
    positions = ["" if member is None else as_text(member) for member in members(value)]
    if any(map(names_nothing, positions)):
        positions = ["" if names_nothing(position) else position for position in positions]
        hints.note(INSIDE, CODE)
    if len(positions) > EXTINFO_LENGTH:
        raise UnusableValue("It has more than 16 values; left out.", "extinfo_length")
    return positions + [""] * (EXTINFO_LENGTH - len(positions))


extinfo.takes_lists = True  # type: ignore[attr-defined]
