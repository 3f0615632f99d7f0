"""The normalizer type, the hints that normalizers read, and cleaning of text.

A normalizer is a function of ``(value, hints)`` that returns a JSON value, or None if there is nothing to
send. It raises :class:`UnusableValue` for a value that cannot have the vendor's form; the payload leaves the
value out and adds a warning. No message contains the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from properties.catalog.errors import InvalidParameter
from properties.catalog.outbound import Warn

Normalizer = Callable[[Any, "Hints"], Any]
TextNormalizer = Callable[[str, "Hints"], str]


# Values that are present but empty.
EMPTY: tuple[Any, ...] = (None, "", [], {})
# A larger number is neither an amount nor an identifier.
LARGEST_NUMBER = 10**40


class UnusableValue(InvalidParameter):
    """A value that cannot have the vendor's form. ``code`` is a short, stable name for the reason."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Hints:
    """What a normalizer knows in addition to the value, and the list of its warnings.

    Args:
        received_at: When the event was accepted, in Unix seconds.
        country: The customer's country, ISO 3166-1 alpha-2 in lower case, or "".
        default_country: The country of phone numbers without a country code, in the same form.
        date_order: ``dmy`` or ``mdy`` for ambiguous dates, or "".
        plain_external_id: Whether to send the external ID without hashing.
        warnings: Messages for the person who configured the rule.
        place: Settings key and form label of the current value.
    """

    received_at: float
    country: str = ""
    default_country: str = ""
    date_order: str = ""
    plain_external_id: bool = False
    warnings: list[Warn] = field(default_factory=list)
    place: tuple[str, str] = ("", "")

    def note(self, message: str, code: str) -> None:
        """Add a warning about the current value."""
        self.warnings.append(Warn(*self.place, message, code))

    def lose(self, message: str, code: str) -> None:
        """Add a warning that the current value was left out."""
        self.warnings.append(Warn(*self.place, message, code, is_lost=True))

    def leave_out(self, problems: Iterable[UnusableValue], *, rest_is_sent: bool) -> None:
        """Add a warning for each value of a list that was left out.

        Args:
            rest_is_sent: Other values of the list are sent; otherwise the vendor receives nothing.
        """
        for problem in problems:
            said = Warn(
                *self.place, str(problem), problem.code, is_lost=not rest_is_sent, is_cut=rest_is_sent
            )
            self.warnings.append(said)


_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)


def clean(text: str) -> str:
    """Return the text as NFC, without control characters, zero-width characters and outer blanks.

    A name must have the same hash in every Unicode form.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def then(normalize: TextNormalizer, *changes: Callable[[str], str]) -> TextNormalizer:
    """Return a normalizer that applies each of ``changes``, in order, to the result of ``normalize``.

    ``then(email, gmail_mailbox)`` drops the characters that Gmail ignores, and ``then(country, str.upper)``
    returns ``US``.
    """

    def run(text: str, hints: Hints) -> str:
        text = normalize(text, hints)
        for change in changes:
            text = change(text)
        return text

    return run


def as_text(value: Any) -> str:
    """Return text unchanged, and numbers as text without an exponent or trailing zeros.

    Raises:
        UnusableValue: The value is true, false, an object, a list, or a number that is infinite or too large.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableValue(f"A text is needed, not {_kind(value)}; left out.", "not_text")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise UnusableValue("It is not a finite number, or it is too large; left out.", "not_finite")
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list | tuple) else "an object"


def ascii_digits(text: str) -> str:
    """Return the text with the digits of other scripts replaced by 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
