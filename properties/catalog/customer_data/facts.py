"""What form a value of customer data arrived in: facts without the value, to find data that cannot match.

A package returns one fact for each value of an action. The platform counts them and compares fingerprints;
no value is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from .cleaning import UnusableValue, as_text, clean
from .hashing import DIGEST, HASH_OF_NOTHING, already_hashed
from .nothing import NO_IDS, says_nothing

Kind = Literal["email", "phone", "own_id", "name", "place", "postcode", "birth_date", "gender"]
Role = Literal["", "email", "phone", "own_id", "visitor"]
# ``like_…``: a plain value that looks like the value of another field.
Form = Literal[
    "plain",
    "hashed",
    "nothing",
    "constant",
    "other_hash",
    "like_email",
    "like_phone",
    "like_date",
    "like_url",
]

# What programs and people put where they have no value. Nobody has one of these as email, phone or own id.
_WORDS = (
    *("na", "test", "unknown", "anonymous", "guest", "default", "user", "0", "-", "false", "true"),
    *("test@test.com", "test@example.com", "test@test.test", "a@a.com"),
)
WORDS = frozenset([*_WORDS, *(word.lower() for word in NO_IDS)])
_HASHED_WORDS = frozenset(
    sha256(spelling.encode()).hexdigest()
    for word in WORDS
    for spelling in (word, word.upper(), word.capitalize())
)
_OTHER_HASH = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}")
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,24}")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_URL = re.compile(r"https?://.+")
FEWEST_DIGITS = 7
# Kinds whose values may be numbers that look like phones.
_MAY_BE_NUMBERS = ("postcode", "birth_date")


@dataclass(frozen=True, slots=True)
class CustomerFact:
    """One value of customer data of one action.

    Args:
        path: Key of the setting.
        label: Its name in the form.
        form: How it arrived; "" for a value that only tells visitors apart.
        role: For what it is compared with other values; "" if never.
        digest: The text to compare, as it leaves. Only its keyed fingerprint is ever stored.
    """

    path: str
    label: str
    form: Form | Literal[""]
    role: Role = ""
    digest: str = ""


def forms_of(value: Any, kind: Kind, digest: re.Pattern[str] = DIGEST) -> Iterator[Form]:
    """Yield the form of a value, or of each member of a list; empty ones are left out."""
    for member in value if isinstance(value, list | tuple) else (value,):
        if member is None or isinstance(member, list | tuple | dict | bool):
            continue
        try:
            text = clean(as_text(member))
        except UnusableValue:
            continue
        if text:
            yield form_of(text, kind, digest)


def form_of(text: str, kind: Kind, digest: re.Pattern[str] = DIGEST) -> Form:
    """Return the form of one clean, non-empty text."""
    try:
        ready = already_hashed(text, digest)
    except UnusableValue:
        return "nothing"
    if ready:
        return "constant" if ready[: len(HASH_OF_NOTHING)] in _HASHED_WORDS else "hashed"
    if kind != "own_id" and _OTHER_HASH.fullmatch(text):
        return "other_hash"
    is_word = text.lower() in WORDS if kind in ("email", "phone", "own_id") else says_nothing(text)
    return "constant" if is_word else _likeness(text, kind)


def _likeness(text: str, kind: Kind) -> Form:
    if kind == "own_id":
        return "plain"
    if _URL.fullmatch(text):
        return "like_url"
    if kind != "email" and _is_email(text):
        return "like_email"
    if kind != "birth_date" and _DATE.fullmatch(text):
        return "like_date"
    return "like_phone" if kind != "phone" and _is_phone(text, kind) else "plain"


def _is_email(text: str) -> bool:
    name, _, domain = text.partition("@")
    return bool(name) and "." in domain.strip(".") and not any(it.isspace() or it == "@" for it in domain)


def _is_phone(text: str, kind: Kind) -> bool:
    if kind in _MAY_BE_NUMBERS and not text.startswith("+"):
        return False
    return bool(_PHONE.fullmatch(text)) and sum(char.isdigit() for char in text) >= FEWEST_DIGITS
