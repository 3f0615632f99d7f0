"""What all normalizers share: what they are, what they may know, and how text is cleaned.

A normalizer is a function of ``(value, hints)`` that returns a JSON value, or None when there is nothing to
send. What cannot be brought to the vendor's form raises :class:`UnusableValue`: the payload leaves it out and
says so. No message holds the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from properties.catalog.errors import InvalidParameter
from properties.catalog.outbound import Warn

Normalizer = Callable[[Any, "Hints"], Any]
TextNormalizer = Callable[[str, "Hints"], str]


# What is there, but says nothing.
EMPTY: tuple[Any, ...] = (None, "", [], {})
# Beyond it a number is neither an amount nor an identifier.
LARGEST_NUMBER = 10**40


class UnusableValue(InvalidParameter):
    """One value cannot be brought to the vendor's form. ``code`` is its short, stable name."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Hints:
    """What normalizers may know beside the value, and where they leave their warnings.

    Args:
        received_at: Unix seconds when the event was accepted.
        country: ISO 3166-1 alpha-2 of the customer, lower-case, or "".
        default_country: The same for phone numbers that are written without country code.
        date_order: ``dmy`` or ``mdy`` for dates that can be read both ways, or "".
        plain_external_id: Send the external id as it is.
        warnings: Collects what the person who configured the rule should know.
        place: Settings key of the value that is worked on, and its name in the form.
    """

    received_at: float
    country: str = ""
    default_country: str = ""
    date_order: str = ""
    plain_external_id: bool = False
    warnings: list[Warn] = field(default_factory=list)
    place: tuple[str, str] = ("", "")

    def note(self, message: str, code: str) -> None:
        """Add a warning about the value that is worked on."""
        self.warnings.append(Warn(*self.place, message, code))


_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)


def clean(text: str) -> str:
    """Return the text as NFC, without control and zero-width characters and outer blanks.

    One name must have one hash, whichever Unicode form it came in.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def then(normalize: TextNormalizer, *changes: Callable[[str], str]) -> TextNormalizer:
    """Return a normalizer whose result goes through each of ``changes``, in order.

    ``then(email, gmail_mailbox)`` drops what Gmail ignores; ``then(country, str.upper)`` gives ``US``.
    """

    def run(text: str, hints: Hints) -> str:
        text = normalize(text, hints)
        for change in changes:
            text = change(text)
        return text

    return run


def as_text(value: Any) -> str:
    """Return text as it is, and numbers as text without exponent and needless decimals.

    Raises:
        UnusableValue: It is true, false, an object or a list.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableValue(f"A text is needed, not {_kind(value)}; left out.", "not_text")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise UnusableValue("It is not a finite number, or too large for one; left out.", "not_finite")
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list | tuple) else "an object"


def ascii_digits(text: str) -> str:
    """Return the text with digits of other scripts as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
