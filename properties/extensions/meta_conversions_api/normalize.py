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
from .phones import phone, usual_phone
from .places import country_code, us_state_code
from .values import (
    amount,
    boolean,
    currency,
    extinfo,
    flag,
    integer,
    number,
    own,
    shared_text,
    text,
    texts,
    url,
    verbatim,
)

LARGEST_EXACT_FLOAT = 2**53
LONGEST_POSTCODE = 12


def email(text: str, hints: Hints) -> str:
    """Return the address in lower case; dots, plus tags and domain stay.

    Source: Meta, Customer Information Parameters, "em".
    """
    address = text.lower()
    local, _, domain = address.partition("@")
    if not local or "@" in domain or "." not in domain.strip(".") or len(address.split()) != 1:
        raise UnusableValue("It is no e-mail address such as name@example.com; left out.", "no_email")
    return address


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


def state(text: str, hints: Hints) -> str:
    """Return the two-letter code of a US state, elsewhere the name in lower case; nothing is cut.

    Source: Meta, Customer Information Parameters, "st".
    """
    name = city(text, hints)
    return (us_state_code(name) if hints.country == "us" else "") or name


_DASHES = re.compile(r"[\s\-‐-―−]+")
_ZIP_PLUS_FOUR = re.compile(r"[0-9]{5}-[0-9]{4}")
_FIVE_DIGITS = re.compile(r"[0-9]{5}")


def postcode(text: str, hints: Hints) -> str:
    """Return a post code in lower case without blanks and dashes; in the US its first five digits.

    Source: Meta, Customer Information Parameters, "zp".
    """
    code = text.lower().replace(" ", "").replace("-", "")
    if not code.isalnum():
        code = _something(_DASHES.sub("", code))
    american = hints.country == "us" or ("-" in text and _ZIP_PLUS_FOUR.fullmatch(text))
    return code[:5] if american and _FIVE_DIGITS.match(code) else code


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
    if not address.isascii() or not address.isprintable() or " " in address:
        return None
    local, _, domain = address.partition("@")
    if not local or "@" in domain or "." not in domain.strip("."):
        return None
    return sha256(address.lower().encode()).hexdigest()


def _usual_postcode(text: str) -> str | None:
    """The hash of what ``postcode`` gives in all countries alike: the US count five digits only."""
    code = text.replace(" ", "").lower()
    if not (code.isascii() and code.isalnum()) or len(code) > LONGEST_POSTCODE:
        return None
    return None if len(code) > 5 and code[:5].isdigit() else sha256(code.encode()).hexdigest()


def _usual_word(text: str) -> str | None:
    """The hash of what ``person_name`` and ``city`` give for letters and blanks."""
    word = text.replace(" ", "")
    if not word.isalpha() or len(word) >= SHORTEST_OTHER_DIGEST:
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
    "own": own,
    "plain": never_hashed(text),
    "user_agent": never_hashed(verbatim, short=has_words),
    "url": url,
    "boolean": boolean,
    "flag": flag,
    "number": number,
    "amount": amount,
    "integer": integer,
    "currency": currency,
    "texts": texts,
    "extinfo": extinfo,
}

# Their result depends on the value alone, not on what else is known about the event.
OF_THE_VALUE_ALONE = frozenset(
    {
        "text",
        "shared_text",
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
        "texts",
    }
    | {"extinfo", "digits_id", "lead_id", "gender", "country", "client_ip"}
)
