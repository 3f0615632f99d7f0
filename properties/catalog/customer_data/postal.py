"""State, postcode and country in the form that vendors match."""

from __future__ import annotations

import re
from hashlib import sha256

from .cleaning import Hints, UnusableValue
from .names import city, something
from .nothing import CODE, MESSAGE, NO_IDS, names_nothing
from .places import country_code, is_country, us_state_code

LONGEST_POSTCODE = 12

# An ISO 3166-2 code: the country, a hyphen, and its subdivision.
_SUBDIVISION = re.compile(r"([A-Za-z]{2})-([A-Za-z0-9]{1,3})")


def state(text: str, hints: Hints) -> str:
    """Return the two-letter code of a US state, elsewhere the whole name in lower case.

    For an ISO 3166-2 code such as ``US-CA``, returns the part after the country.
    """
    if found := _SUBDIVISION.fullmatch(text):
        code = found[2].lower()
        is_american = found[1].lower() == "us"
        if us_state_code(code) if is_american else is_country(found[1]):
            hints.note("It begins with its country; only the state was sent.", "cleaned")
            return code
    name = city(text, hints)
    return (us_state_code(name) if hints.country == "us" else "") or name


_DASHES = re.compile(r"[\s\-‐-―−]+")
_ZIP_PLUS_FOUR = re.compile(r"[0-9]{5}-[0-9]{4}")
_FIVE_DIGITS = re.compile(r"[0-9]{5}")


# Length of postcodes that have digits only and may begin with zero, by country.
# Source: Universal Postal Union, Postal addressing systems in member countries.
_DIGITS = {
    **dict.fromkeys(("us", "pr", "vi", "gu", "as", "mp", "de", "fr", "it", "es", "mx", "fi", "tr", "my"), 5),
    **dict.fromkeys(("kr", "ua", "dz", "ee", "lt", "pe", "gt"), 5),
    **dict.fromkeys(("no", "au", "nz", "za"), 4),
    **dict.fromkeys(("cn", "ro", "co"), 6),
    "jp": 7,
}
_LOST_ZEROS = 2
_US_WITH_FOUR = 9


def postcode(text: str, hints: Hints) -> str:
    """Return a postcode in lower case without blanks and dashes; in the US its first five digits.

    Undoes the changes of spreadsheets: restores leading zeros if the country's postcodes have a fixed length,
    and removes a trailing ``.0``.
    """
    if names_nothing(text):
        raise UnusableValue(MESSAGE, CODE)
    code = text.removesuffix(".0").lower().replace(" ", "").replace("-", "")
    if not code.isalnum():
        code = something(_DASHES.sub("", code))
    code = _with_zeros(code, hints)
    american = hints.country == "us" or ("-" in text and _ZIP_PLUS_FOUR.fullmatch(text))
    return code[:5] if american and _FIVE_DIGITS.match(code) else code


def _with_zeros(code: str, hints: Hints) -> str:
    digits = _DIGITS.get(hints.country, 0)
    if digits == 0 or not (code.isascii() and code.isdigit()):
        return code
    whole = _US_WITH_FOUR if hints.country == "us" and len(code) == _US_WITH_FOUR - 1 else digits
    if not whole - _LOST_ZEROS <= len(code) < whole:
        return code
    hints.note("It had lost the zeros at its beginning; they were put back.", "cleaned")
    return code.zfill(whole)


def country(text: str, hints: Hints) -> str:
    """Return the ISO 3166-1 alpha-2 code, in lower case, for a code or an English name."""
    code = country_code(text)
    if not code:
        raise UnusableValue("It is not a country; send two letters such as US. Left out.", "no_country")
    return code


def usual_postcode(text: str) -> str | None:
    """Return the hash of the ``postcode`` if it is the same in all countries, else None.

    Such codes have five characters, or a letter among the first five.
    """
    code = text.replace(" ", "").lower()
    if not (code.isascii() and code.isalnum()) or len(code) > LONGEST_POSTCODE or code in NO_IDS:
        return None
    is_alike = len(code) == 5 or not code[:5].isdigit()
    return sha256(code.encode()).hexdigest() if is_alike else None
