"""Brings customer information to the form that Meta matches; the names of all normalizers stand at the end.

Source: Meta, Customer Information Parameters.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from .addresses import client_ip
from .cleaning import Hints, Normalizer, UnusableValue, as_text, clean
from .click_ids import fbc, fbp
from .dates import birth_date, usual_birth_date
from .hashing import (
    SHORTEST_OTHER_DIGEST,
    Hashed,
    HashedWords,
    by_country,
    each,
    has_words,
    never_hashed,
)
from .nothing import CODE, JOINED, MESSAGE, NO_IDS, names_nothing
from .phones import phone, usual_phone
from .places import country_code, is_country, us_state_code
from .times import unix_time
from .values import (
    amount,
    boolean,
    currency,
    extinfo,
    flag,
    integer,
    number,
    own,
    shared_id,
    shared_text,
    status,
    success,
    text,
    texts,
    verbatim,
)
from .web_addresses import url

LARGEST_EXACT_FLOAT = 2**53
LONGEST_POSTCODE = 12
# An address has 254 letters at most, and a name before it or a subject behind it hardly more.
LONGEST_WRAPPED = 1000


# Signs that no address has unquoted. Source: RFC 5322, 3.2.3 (specials); RFC 1123, 2.1 for the domain.
_ADDRESS = re.compile(r"[^\s@<>()\[\]:;,\"\\]+@([\w-]+\.)+[\w-]*\w")
_USUAL_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9]+")
_BETWEEN = re.compile(r"<([^<>]*)>\W*$|\]\((mailto:[^()]*)\)$", re.IGNORECASE)
_AROUND = " \t\r\n;,.:<>()[]\"'`"
CLEANED = "It held more than the value itself; only the value was sent."


def email(text: str, hints: Hints) -> str:
    """Return the address in lower case; dots, plus tags and domain stay.

    What certainly stands around it is cut: ``mailto:``, brackets, quotes, a name, a mark at the end.

    Source: Meta, Customer Information Parameters, "em"; RFC 6068 for ``mailto:``.
    """
    address = text.lower()
    if _ADDRESS.fullmatch(address) and not _is_wrapped(address):
        return address
    address = _unwrapped(address) if len(address) <= LONGEST_WRAPPED else ""
    if not _ADDRESS.fullmatch(address):
        raise UnusableValue("It is no e-mail address such as name@example.com; left out.", "no_email")
    hints.note(CLEANED, "cleaned")
    return address


def _is_wrapped(address: str) -> bool:
    return address[0] in _AROUND


def _unwrapped(text: str) -> str:
    if between := _BETWEEN.search(text):
        text = between[1] or between[2] or ""
    text = text.strip(_AROUND)
    if text.startswith("mailto:"):
        text = text.removeprefix("mailto:").partition("?")[0]
    return text.replace("%40", "@") if "@" not in text else text


_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation + string.whitespace)


def _letters(text: str, dropped: str) -> str:
    text = text.lower()
    if text.isascii():
        return text.translate(_ASCII_PUNCTUATION)
    kept = "".join(char for char in text if unicodedata.category(char)[0] not in dropped)
    return unicodedata.normalize("NFC", kept.translate(_ASCII_PUNCTUATION))


def person_name(text: str, hints: Hints) -> str:
    """Return a first or last name in lower case without punctuation and blanks; accents and scripts stay.

    Source: Meta, Customer Information Parameters, "fn" and "ln".
    """
    return _something(_letters(text, "PZC"))


def city(text: str, hints: Hints) -> str:
    """Return a city in lower case without punctuation, special characters and blanks.

    Source: Meta, Customer Information Parameters, "ct".
    """
    return _something(_letters(text, "PZCS"))


def _something(text: str) -> str:
    if not text:
        raise UnusableValue("No letters or digits remain without punctuation; left out.", "nothing_left")
    return text


# A country of ISO 3166-1 and a part of it, as ISO 3166-2 writes both.
_SUBDIVISION = re.compile(r"([A-Za-z]{2})-([A-Za-z0-9]{1,3})")


def state(text: str, hints: Hints) -> str:
    """Return the two-letter code of a US state, elsewhere the name in lower case; nothing is cut.

    Of a code of ISO 3166-2, such as ``US-CA``, the part behind the country.

    Source: Meta, Customer Information Parameters, "st".
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


# Digits of post codes that have digits only and may begin with zero, by country.
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
    """Return a post code in lower case without blanks and dashes; in the US its first five digits.

    Zeros that a spreadsheet took from its beginning come back where the country tells how many digits there
    are, and the decimals that it gave it go.

    Source: Meta, Customer Information Parameters, "zp".
    """
    if names_nothing(text):
        raise UnusableValue(MESSAGE, CODE)
    code = text.removesuffix(".0").lower().replace(" ", "").replace("-", "")
    if not code.isalnum():
        code = _something(_DASHES.sub("", code))
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
    """Return ISO 3166-1 alpha-2 in lower case of a code or an English name.

    Source: Meta, Customer Information Parameters, "country".
    """
    code = country_code(text)
    if not code:
        raise UnusableValue("It is no country; send two letters such as US. Left out.", "no_country")
    return code


_GENDERS = {"f": "f", "female": "f", "woman": "f", "m": "m", "male": "m", "man": "m"}


def gender(text: str, hints: Hints) -> str:
    """Return ``f`` or ``m``; Meta takes no other value.

    Source: Meta, Customer Information Parameters, "ge".
    """
    letter = _GENDERS.get(text.lower())
    if not letter:
        raise UnusableValue("Meta takes f or m (also female, male, woman, man); left out.", "no_gender")
    return letter


def _unchanged(text: str, hints: Hints) -> str:
    if names_nothing(text):
        raise UnusableValue(MESSAGE, CODE)
    return text


_external_id_hashed = Hashed(_unchanged, foreign_digests=True)


def external_id(value: Any, hints: Hints) -> str | list[str] | None:
    """Return the SHA-256 of an id of the advertiser, or the id itself where that is configured.

    Source: Meta, Customer Information Parameters, "external_id": hashing recommended.
    """
    if not hints.plain_external_id:
        return _external_id_hashed(value, hints)
    if isinstance(value, list | tuple):
        return each(value, hints, lambda member: text(member, hints))
    return text(value, hints)


external_id.takes_lists = True  # type: ignore[attr-defined]


def digits_id(value: Any, hints: Hints) -> int | str | None:
    """Return an id of digits as whole number, exactly.

    Source: Meta, Customer Information Parameters, "fb_login_id", "lead_id".
    """
    if isinstance(value, float) and abs(value) > LARGEST_EXACT_FLOAT:
        raise UnusableValue("It lost digits as a number; send it as text. Left out.", "not_exact")
    text = clean(as_text(value))
    if text and not (text.isascii() and text.isdigit() and len(text) <= 40):
        raise UnusableValue("It has digits only; left out.", "not_digits")
    return (text if text.startswith("0") else int(text)) if text else None


def lead_id(value: Any, hints: Hints) -> int | str | None:
    """Return the id of a lead of Meta: 15 to 17 digits.

    Source: Meta, Conversions API for CRM, payload specification.
    """
    number = digits_id(value, hints)
    if number is not None and not 15 <= len(str(number)) <= 17:
        raise UnusableValue("A lead id has 15 to 17 digits; left out.", "lead_id_length")
    return number


def _usual_email(text: str) -> str | None:
    address = text.strip()
    if not _USUAL_ADDRESS.fullmatch(address):
        return None
    return sha256(address.lower().encode()).hexdigest()


def _usual_postcode(text: str) -> str | None:
    """The hash of what ``postcode`` gives in all countries alike: five digits, or letters among them."""
    code = text.replace(" ", "").lower()
    if not (code.isascii() and code.isalnum()) or len(code) > LONGEST_POSTCODE or code in NO_IDS:
        return None
    is_alike = len(code) == 5 or not code[:5].isdigit()
    return sha256(code.encode()).hexdigest() if is_alike else None


def _usual_word(text: str) -> str | None:
    """The hash of what ``person_name`` and ``city`` give for letters and blanks."""
    word = text.replace(" ", "")
    if not word.isalpha() or len(word) >= SHORTEST_OTHER_DIGEST or word in JOINED:
        return None
    if not word.isascii():
        word = unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).lower())
    return sha256(word.lower().encode()).hexdigest()


NORMALIZERS: Mapping[str, Normalizer] = {
    "email": Hashed(email, short=_usual_email),
    "phone": Hashed(phone, short=usual_phone),
    "name": Hashed(person_name, short=_usual_word),
    "birth_date": Hashed(birth_date, short=usual_birth_date),
    "gender": HashedWords(gender),
    "city": Hashed(city, short=_usual_word),
    "state": by_country(state),
    "postcode": Hashed(postcode, short=_usual_postcode),
    "country": HashedWords(country),
    "lower_case": Hashed(lambda text, hints: text.lower()),
    "external_id": external_id,
    "client_ip": client_ip,
    "fbc": fbc,
    "fbp": fbp,
    "digits_id": digits_id,
    "lead_id": lead_id,
    "text": text,
    "shared_text": shared_text,
    "shared_id": shared_id,
    "status": status,
    "success": success,
    "own": own,
    "plain": never_hashed(text),
    "user_agent": never_hashed(verbatim, short=has_words, takes_lists=True),
    "url": url,
    "boolean": boolean,
    "flag": flag,
    "number": number,
    "amount": amount,
    "integer": integer,
    "currency": currency,
    "unix_time": unix_time,
    "texts": texts,
    "extinfo": extinfo,
}

# Their result depends on the value alone, not on what else is known about the event.
OF_THE_VALUE_ALONE = frozenset(
    {
        "text",
        "shared_text",
        "shared_id",
        "status",
        "success",
        "own",
        "plain",
        "user_agent",
        "url",
        "boolean",
        "flag",
        "number",
        "amount",
        "integer",
        "currency",
        "unix_time",
        "texts",
    }
    | {"extinfo", "digits_id", "lead_id", "gender", "country", "client_ip"}
)
