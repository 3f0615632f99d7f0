"""Customer information in the form that Meta matches, and the table of all normalizers by name.

Source: Meta, Customer Information Parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from properties.catalog.customer_data.cleaning import Hints, Normalizer, UnusableValue, as_text, clean
from properties.catalog.customer_data.dates import birth_date, usual_birth_date
from properties.catalog.customer_data.emails import email, usual_email
from properties.catalog.customer_data.genders import one_letter
from properties.catalog.customer_data.hashing import (
    Hashed,
    HashedWords,
    by_country,
    each,
    has_words,
    never_hashed,
)
from properties.catalog.customer_data.ip_addresses import client_ip
from properties.catalog.customer_data.names import city, person_name, usual_word
from properties.catalog.customer_data.nothing import CODE, MESSAGE, names_nothing
from properties.catalog.customer_data.phones import phone, usual_phone
from properties.catalog.customer_data.postal import country, postcode, state, usual_postcode
from properties.catalog.customer_data.values import (
    amount,
    boolean,
    currency,
    flag,
    integer,
    number,
    text,
    texts,
    verbatim,
)

from .click_ids import fbc, fbp
from .times import unix_time
from .values import extinfo, own, shared_id, shared_text, status, success
from .web_addresses import url

LARGEST_EXACT_FLOAT = 2**53

# A digest with an optional suffix of Meta's parameter builder. Source: Meta, Parameter Builder Library.
DIGEST = re.compile(r"([0-9A-Fa-f]{64})(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?")
# Two letters in older releases, else eight base64url characters.
# Source: facebook/capi-param-builder, Constants.js.
IP_SUFFIX = re.compile(r"\.(AQ|Ag|Aw|BA|BQ|Bg|[A-Za-z0-9_-]{8})")
_hashed = partial(Hashed, digest=DIGEST)
_never_hashed = partial(never_hashed, digest=DIGEST)
_client_ip = partial(client_ip, suffix=IP_SUFFIX)
_client_ip.takes_lists = True  # type: ignore[attr-defined]


def _unchanged(text: str, hints: Hints) -> str:
    if names_nothing(text):
        raise UnusableValue(MESSAGE, CODE)
    return text


_external_id_hashed = _hashed(_unchanged, foreign_digests=True)


def external_id(value: Any, hints: Hints) -> str | list[str] | None:
    """Return the SHA-256 of the advertiser's ID, or the ID itself if ``hints.plain_external_id`` is set.

    Source: Meta, Customer Information Parameters, "external_id": hashing recommended.
    """
    if not hints.plain_external_id:
        return _external_id_hashed(value, hints)
    if isinstance(value, list | tuple):
        return each(value, hints, lambda member: text(member, hints))
    return text(value, hints)


external_id.takes_lists = True  # type: ignore[attr-defined]


def digits_id(value: Any, hints: Hints) -> int | str | None:
    """Return an ID that has only digits as an exact integer, or as text if it begins with zero.

    Source: Meta, Customer Information Parameters, "fb_login_id", "lead_id".
    """
    if isinstance(value, float) and abs(value) > LARGEST_EXACT_FLOAT:
        raise UnusableValue(
            "It lost digits because it was sent as a number; send it as text. Left out.", "not_exact"
        )
    text = clean(as_text(value))
    if text and not (text.isascii() and text.isdigit() and len(text) <= 40):
        raise UnusableValue("It must have only digits; left out.", "not_digits")
    return (text if text.startswith("0") else int(text)) if text else None


def lead_id(value: Any, hints: Hints) -> int | str | None:
    """Return the ID of a Meta lead: 15 to 17 digits.

    Source: Meta, Conversions API for CRM, payload specification.
    """
    number = digits_id(value, hints)
    if number is not None and not 15 <= len(str(number)) <= 17:
        raise UnusableValue("A lead ID has 15 to 17 digits; left out.", "lead_id_length")
    return number


NORMALIZERS: Mapping[str, Normalizer] = {
    "email": _hashed(email, short=usual_email),
    "phone": _hashed(phone, short=usual_phone),
    "name": _hashed(person_name, short=usual_word),
    "birth_date": _hashed(birth_date, short=usual_birth_date),
    "gender": HashedWords(one_letter("fm"), digest=DIGEST),
    "city": _hashed(city, short=usual_word),
    "state": by_country(state, digest=DIGEST),
    "postcode": _hashed(postcode, short=usual_postcode),
    "country": HashedWords(country, digest=DIGEST),
    "lower_case": _hashed(lambda text, hints: text.lower()),
    "external_id": external_id,
    "client_ip": _client_ip,
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
    "plain": _never_hashed(text),
    "user_agent": _never_hashed(verbatim, short=has_words, takes_lists=True),
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

# Normalizers that read only the value, not the hints. Their result can be computed once for a build.
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
