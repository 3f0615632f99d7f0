"""Names of people and cities in the form that vendors match."""

from __future__ import annotations

import string
import unicodedata
from hashlib import sha256

from .cleaning import Hints, UnusableValue
from .hashing import SHORTEST_OTHER_DIGEST
from .nothing import JOINED

_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation + string.whitespace)


def _letters(text: str, dropped: str) -> str:
    text = text.lower()
    if text.isascii():
        return text.translate(_ASCII_PUNCTUATION)
    kept = "".join(char for char in text if unicodedata.category(char)[0] not in dropped)
    return unicodedata.normalize("NFC", kept.translate(_ASCII_PUNCTUATION))


def person_name(text: str, hints: Hints) -> str:
    """Return a first or last name in lower case, without punctuation and blanks. Accents and scripts stay."""
    return something(_letters(text, "PZC"))


def city(text: str, hints: Hints) -> str:
    """Return a city in lower case, without punctuation, special characters and blanks."""
    return something(_letters(text, "PZCS"))


def something(text: str) -> str:
    """Return the text if it is not empty.

    Raises:
        UnusableValue: The text is empty.
    """
    if not text:
        raise UnusableValue("No letters or digits remain without punctuation; left out.", "nothing_left")
    return text


def usual_word(text: str) -> str | None:
    """Return the hash of the ``person_name`` or ``city`` for letters and blanks only, else None."""
    word = text.replace(" ", "")
    if not word.isalpha() or len(word) >= SHORTEST_OTHER_DIGEST or word in JOINED:
        return None
    if not word.isascii():
        word = unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).lower())
    return sha256(word.lower().encode()).hexdigest()
