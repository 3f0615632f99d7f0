"""The search field of the event log: what a person typed, and the form in which an address may hold it.

An email address is hashed before anything else happens: it never stands in an address or a log, and the
search compares hashes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from properties.catalog.customer_data.cleaning import Hints, UnusableValue, clean
from properties.catalog.customer_data.emails import email
from properties.catalog.customer_data.hashing import Hashed

Operator = Literal["=", ">", ">=", "<", "<="]
LONGEST = 255
EMAIL = "email:"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_AMOUNT = re.compile(
    r"(?:value\b[\s:=]{0,9}|(?=[<>=]))(>=|<=|>|<|=|)\s{0,9}(\d{1,15}(?:[.,]\d{1,9})?)", re.IGNORECASE
)
_hash = Hashed(email)


@dataclass(frozen=True, slots=True)
class ValueRange:
    """A condition on the value of an event, such as ``> 500``."""

    operator: Operator
    amount: float


@dataclass(frozen=True, slots=True)
class Search:
    """A search, ready for the database.

    Args:
        text: Any id, or the beginning of a name.
        value: Only events with such a value.
        email_hash: SHA-256 of an email address, or "" if there is none.
        is_wrong: It was meant as an email address, and is none.
    """

    text: str = ""
    value: ValueRange | None = None
    email_hash: str = ""
    is_wrong: bool = False

    def __bool__(self) -> bool:
        return bool(self.text or self.value or self.email_hash or self.is_wrong)


def read_search(typed: str) -> Search:
    """Read the text of the search field: an id, a name, ``value > 500``, ``email:`` or an address."""
    text = _shortened(typed)
    if _means_email(text):
        found = _email_hash(text)
        return Search(email_hash=found, is_wrong=not found)
    if match := _AMOUNT.fullmatch(text):
        operator: Operator = match[1] or "="  # type: ignore[assignment]
        return Search(value=ValueRange(operator, float(match[2].replace(",", "."))))
    return Search(text=text)


def without_address(typed: str) -> str:
    """Return the text as a page address may hold it: an email address becomes ``email:`` and its hash."""
    text = _shortened(typed)
    if not _means_email(text):
        return text
    return EMAIL + _email_hash(text)


def shown_search(typed: str) -> str:
    """Return the text as the search field shows it again: a hash is shortened."""
    text = without_address(typed)
    if not text.startswith(EMAIL) or len(text) == len(EMAIL):
        return text
    return f"{EMAIL}{text[6:10]}…{text[-4:]}"


def _shortened(typed: str) -> str:
    return clean(typed.replace("\0", "")[: LONGEST + len(EMAIL)])[:LONGEST]


def _means_email(text: str) -> bool:
    return text[: len(EMAIL)].lower() == EMAIL or _looks_like_email(text)


def _looks_like_email(text: str) -> bool:
    name, at, domain = text.partition("@")
    return bool(name and at and "." in domain)


def _email_hash(text: str) -> str:
    """Return the hash of an address, or the hash that the text holds already; "" if it is neither."""
    value = text[len(EMAIL) :].strip() if text[: len(EMAIL)].lower() == EMAIL else text
    if _DIGEST.fullmatch(value.lower()):
        return value.lower()
    try:
        found = _hash(value, Hints(0.0))
    except UnusableValue:
        return ""
    return found if isinstance(found, str) else ""
