"""Brings values to the form that Meta matches, and hashes what must be hashed.

Every normalizer is a function of ``(value, hints)`` that returns a JSON value, or None when there is nothing
to send. What cannot be brought to Meta's format raises :class:`UnusableValue`: the payload leaves it out and
says so. No message holds the value.

Source: Meta, Customer Information Parameters; Custom Data Parameters.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

import phonenumbers

from properties.catalog.errors import InvalidParameter
from properties.catalog.outbound import Warn

from .places import country_code, currencies, us_state_code

Normalizer = Callable[[Any, "Hints"], Any]
TextNormalizer = Callable[[str, "Hints"], str]

HASH_OF_NOTHING = sha256(b"").hexdigest()
LARGEST_EXACT_FLOAT = 2**53


class UnusableValue(InvalidParameter):
    """One value cannot be brought to Meta's format. ``code`` is its short, stable name."""

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
        path: Settings key of the value that is worked on.
        label: Its name in the form.
    """

    received_at: float
    country: str = ""
    default_country: str = ""
    date_order: str = ""
    plain_external_id: bool = False
    warnings: list[Warn] = field(default_factory=list)
    path: str = ""
    label: str = ""

    def note(self, message: str, code: str) -> None:
        """Add a warning about the value that is worked on."""
        self.warnings.append(Warn(self.path, self.label, message, code))


# Texts

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)


def clean(text: str) -> str:
    """Return the text as NFC, without control and zero-width characters and outer blanks.

    Source: product rule, Meta documents no Unicode form; one name must have one hash.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def as_text(value: Any) -> str:
    """Return text as it is, and numbers as text without exponent and needless decimals.

    Raises:
        UnusableValue: It is true, false, an object or a list.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableValue(f"A text is needed, not {_kind(value)}; left out.", "not_text")
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise UnusableValue("It is not a finite number; left out.", "not_finite")
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list | tuple) else "an object"


# Hashing

_DIGEST = re.compile(r"([0-9A-Fa-f]{64})(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?")
_OTHER_DIGEST = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}")


def already_hashed(text: str) -> str | None:
    """Return a SHA-256 digest in lower case with the suffix of Meta's parameter builder kept, else None.

    Raises:
        UnusableValue: It is the hash of an empty text.

    Source: Meta, Parameter Builder Library (suffix); product rule "already hashed".
    """
    match = _DIGEST.fullmatch(text) if len(text) >= 64 else None
    if match is None:
        return None
    digest = match[1].lower()
    if digest == HASH_OF_NOTHING:
        raise UnusableValue("It is the hash of an empty text; left out.", "hash_of_nothing")
    return digest + (match[2] or "")


def _digest(value: Any, hints: Hints, normalize: TextNormalizer, foreign_digests: bool) -> str | None:
    text = clean(value if isinstance(value, str) else as_text(value))
    if not text:
        return None
    ready = already_hashed(text)
    if ready:
        return ready
    if len(text) in (32, 40) and not foreign_digests and _OTHER_DIGEST.fullmatch(text):
        raise UnusableValue("It looks like an MD5 or SHA-1 hash, not SHA-256; left out.", "not_sha256")
    return sha256(normalize(text, hints).encode()).hexdigest()


def hashed(normalize: TextNormalizer, *, foreign_digests: bool = False) -> Normalizer:
    """Return a normalizer for a text or a list of texts that gives lower-case SHA-256 hex.

    Bad members of a list are left out with a warning each, equal ones sent once.

    Args:
        normalize: Brings one clean, non-empty text to Meta's form; never returns "".
        foreign_digests: 32 or 40 hex digits are a value like any other (identifiers), not a wrong hash.

    Source: Meta, Customer Information Parameters, "Hashing required".
    """

    def run(value: Any, hints: Hints) -> str | list[str] | None:
        if isinstance(value, list | tuple):
            return _each(value, hints, lambda member: _digest(member, hints, normalize, foreign_digests))
        return _digest(value, hints, normalize, foreign_digests)

    return run


def _each(values: Iterable[Any], hints: Hints, one: Callable[[Any], str | None]) -> list[str] | None:
    found: dict[str, None] = {}
    for value in values:
        try:
            result = None if value is None else one(value)
        except UnusableValue as error:
            hints.note(str(error), error.code)
            continue
        if result:
            found[result] = None
    return list(found) or None


# Customer information


def email(text: str, hints: Hints) -> str:
    """Return the address in lower case; dots, plus tags and domain stay.

    Source: Meta, Customer Information Parameters, "em".
    """
    address = text.lower()
    local, _, domain = address.partition("@")
    if not local or "@" in domain or "." not in domain.strip(".") or len(address.split()) != 1:
        raise UnusableValue("It is no e-mail address such as name@example.com; left out.", "no_email")
    return address


_NOT_DIGITS = re.compile(r"[^0-9]+")
_INTERNATIONAL = re.compile(r"[^0-9+]*(\+|00)")


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def phone(text: str, hints: Hints) -> str:
    """Return digits only, country code first, as Meta matches them.

    Args:
        text: A phone number as typed, best with country code, such as "+1 (650) 555-1212".
        hints: ``default_country`` completes numbers that are written without country code.

    Returns:
        Digits without symbols, letters or leading zeros, such as "16505551212".

    Raises:
        UnusableValue: Fewer than 7 or more than 15 digits remain.

    Source: Meta, Customer Information Parameters, "ph".
    """
    digits, is_doubtful = _phone_digits(_ascii_digits(text), hints)
    if not 7 <= len(digits) <= 15:
        message = "A phone number has 7 to 15 digits with its country code; left out."
        raise UnusableValue(message, "phone_length")
    if is_doubtful:
        hints.note(
            "It seems to have no country code, so that Meta cannot match it. Send it with the code, or set "
            "the default country of the property.",
            "no_country_code",
        )
    return digits


def _phone_digits(text: str, hints: Hints) -> tuple[str, bool]:
    """Digits without leading zeros, and whether the country code seems to be missing."""
    if _INTERNATIONAL.match(text):
        # "+44 (0)20 …": the zero is dialled inside the country only.
        return _NOT_DIGITS.sub("", text.replace("(0)", "")).lstrip("0"), False
    completed = _valid_number(text, hints.default_country.upper()) if hints.default_country else ""
    if completed:
        return completed, False
    digits = _NOT_DIGITS.sub("", text)
    if digits.startswith("0"):
        return digits.lstrip("0"), True
    # Eleven digits and more without a leading zero hold a country code nearly always.
    return digits, len(digits) < 11 and not _valid_number(f"+{digits}", None)


def _valid_number(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


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
    code = _something(_DASHES.sub("", text.lower()))
    american = hints.country == "us" or _ZIP_PLUS_FOUR.fullmatch(text)
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


_EIGHT_DIGITS = re.compile(r"[0-9]{8}")
_THREE_NUMBERS = re.compile(r"([0-9]{1,4})[-/.\s]+([0-9]{1,2})[-/.\s]+([0-9]{1,4})")
_TIME_OF_DAY = re.compile(r"(?<=[0-9])(T|\s+(?=[0-9]{1,2}:)).*", re.IGNORECASE | re.DOTALL)


def birth_date(text: str, hints: Hints) -> str:
    """Return a date of birth as YYYYMMDD.

    Reads year first, and day and month in the order that only one of them allows; other dates only by
    ``hints.date_order``. Times of day are cut.

    Raises:
        UnusableValue: No such day between 1900 and the receive time, or its order is open.

    Source: Meta, Customer Information Parameters, "db".
    """
    text = _ascii_digits(text)
    text = _TIME_OF_DAY.sub("", text) if len(text) > 10 else text
    found = {day for parts in _date_parts(text, hints.date_order) if (day := _day(parts, hints))}
    if len(found) == 1:
        return found.pop().isoformat().replace("-", "")
    if found:
        message = "Day and month could be swapped. Send year first, such as 1997-02-16; left out."
        raise UnusableValue(message, "ambiguous_date")
    raise UnusableValue("It is no date since 1900 such as 1997-02-16; left out.", "no_date")


def _date_parts(text: str, order: str) -> Iterator[tuple[str, str, str]]:
    if _EIGHT_DIGITS.fullmatch(text):
        first, second, last = text[:2], text[2:4], text[4:]
        yield text[:4], text[4:6], text[6:]
    elif match := _THREE_NUMBERS.fullmatch(text):
        first, second, last = match.groups()
        yield first, second, last
    else:
        return
    if len(last) != 4:
        return
    if order != "mdy":
        yield last, second, first
    if order != "dmy":
        yield last, first, second


def _day(parts: tuple[str, str, str], hints: Hints) -> date | None:
    if len(parts[0]) != 4:
        return None
    try:
        day = date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None
    return day if day.year >= 1900 and day <= _day_of(int(hints.received_at) // 86_400) else None


@lru_cache(maxsize=64)
def _day_of(days_since_1970: int) -> date:
    return date(1970, 1, 1) + timedelta(days=days_since_1970)


def _unchanged(text: str, hints: Hints) -> str:
    return text


_external_id_hashed = hashed(_unchanged, foreign_digests=True)


def external_id(value: Any, hints: Hints) -> str | list[str] | None:
    """Return the SHA-256 of an id of the advertiser, or the id itself where that is configured.

    Source: Meta, Customer Information Parameters, "external_id": hashing recommended.
    """
    if not hints.plain_external_id:
        return _external_id_hashed(value, hints)
    if isinstance(value, list | tuple):
        return _each(value, hints, lambda member: clean(as_text(member)))
    return clean(as_text(value)) or None


_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
        *("224.0.0.0/4", "0.0.0.0/32", "::/128", "::1/128", "fe80::/10", "fc00::/7", "ff00::/8"),
    )
)
_PRIVATE_RANGES = {
    version: tuple(
        (int(network.network_address), int(network.broadcast_address))
        for network in _PRIVATE
        if network.version == version
    )
    for version in (4, 6)
}


def client_ip(value: Any, hints: Hints) -> str | None:
    """Return the visitor's public address, IPv4 or IPv6.

    Raises:
        UnusableValue: No address, or one that only exists inside a network.

    Source: Meta, Customer Information Parameters, "client_ip_address".
    """
    text = clean(as_text(value))
    if not text:
        return None
    text = text.partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise UnusableValue("It is no IP address; left out.", "no_ip_address") from None
    mapped = getattr(address, "ipv4_mapped", None)
    public = mapped or address
    number = int(public)
    if any(low <= number <= high for low, high in _PRIVATE_RANGES[public.version]):
        raise UnusableValue("It is a private address, not the visitor's; left out.", "private_ip_address")
    return str(mapped) if mapped else text


_FBC = re.compile(r"fb\.[0-9]\.[0-9]{10,13}\.[^.\s]+(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?")
_FBP = re.compile(r"fb\.[0-9]\.[0-9]{10,13}\.[0-9]+(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?")


def _cookie(pattern: re.Pattern[str], shape: str, code: str) -> Normalizer:
    def run(value: Any, hints: Hints) -> str | None:
        text = as_text(value).strip()
        if text and not pattern.fullmatch(text):
            raise UnusableValue(f"It does not look like {shape}; left out.", code)
        return text or None

    return run


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


# Server event and custom data


def text(value: Any, hints: Hints) -> str | None:
    """Return text without outer blanks, numbers as text."""
    return clean(as_text(value)) or None


def verbatim(value: Any, hints: Hints) -> str | None:
    """Return text byte for byte, such as a user agent."""
    return as_text(value) or None


def never_hashed(normalize: Normalizer) -> Normalizer:
    """Return a normalizer that leaves out hashes: Meta matches these parameters as they are.

    Source: Meta, Customer Information Parameters, "Do not hash".
    """

    def run(value: Any, hints: Hints) -> Any:
        result = normalize(value, hints)
        if isinstance(result, str) and _DIGEST.fullmatch(result.strip()):
            raise UnusableValue("It is a hash, but Meta takes it plain only; left out.", "must_not_be_hashed")
        return result

    return run


_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


def url(value: Any, hints: Hints) -> str | None:
    """Return an address of the web byte for byte.

    Source: Meta, Server Event Parameters, "event_source_url": must match the verified domain.
    """
    address = as_text(value).strip()
    if address and not _URL.fullmatch(address):
        raise UnusableValue("It must start with http:// or https://; left out.", "no_url")
    return address or None


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def boolean(value: Any, hints: Hints) -> bool | None:
    """Return true or false, also from texts and 0 and 1."""
    if isinstance(value, bool):
        return value
    word = clean(as_text(value)).lower()
    if word and word not in _BOOLEANS:
        raise UnusableValue("It must be true or false; left out.", "not_boolean")
    return _BOOLEANS[word] if word else None


def flag(value: Any, hints: Hints) -> int | None:
    """Return 0 or 1, from true and false as well."""
    answer = boolean(value, hints)
    return None if answer is None else int(answer)


_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{1,30})?|\.[0-9]{1,30})")


def number(value: Any, hints: Hints) -> int | float | None:
    """Return a number, also from a text with at most one decimal dot.

    Source: Meta, Custom Data Parameters, "value"; thousands marks and signs of a currency are not guessed.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value)
    digits = clean(as_text(value))
    if not digits:
        return None
    if not _NUMBER.fullmatch(digits):
        message = "It must be a number such as 1299.50, without thousands marks and currency sign; left out."
        raise UnusableValue(message, "not_a_number")
    return float(digits) if "." in digits else int(digits)


def _finite(value: int | float) -> int | float:
    if not math.isfinite(value):
        raise UnusableValue("It is not a finite number; left out.", "not_finite")
    return value


def amount(value: Any, hints: Hints) -> int | float | None:
    """Return the value of an event. Zero is a value; less is sent with a warning.

    Source: Meta, Custom Data Parameters, "value".
    """
    result = number(value, hints)
    if result is not None and result < 0:
        hints.note("It is below zero.", "negative")
    return result


def integer(value: Any, hints: Hints) -> int | None:
    """Return a whole number."""
    result = number(value, hints)
    if result is None or isinstance(result, int):
        return result
    if not result.is_integer():
        raise UnusableValue("It must be a whole number; left out.", "not_whole")
    return int(result)


def currency(value: Any, hints: Hints) -> str | None:
    """Return an ISO 4217 code in upper case.

    Source: Meta, Custom Data Parameters, "currency".
    """
    code = clean(as_text(value)).upper()
    if code and code not in currencies():
        raise UnusableValue("It is no currency code of ISO 4217, such as USD; left out.", "no_currency")
    return code or None


def members(value: Any) -> list[Any]:
    """Return a list as it is, a JSON list in a text parsed, anything else as the only member."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            parsed = json.loads(value)
        except ValueError:
            return [value]
        return parsed if isinstance(parsed, list) else [value]
    return [value]


def texts(value: Any, hints: Hints) -> list[str] | None:
    """Return a list of texts; numbers become text so that they equal catalog ids.

    Source: Meta, Custom Data Parameters, "content_ids".
    """
    found = []
    for member in members(value):
        try:
            found.append("" if member is None else clean(as_text(member)))
        except UnusableValue as error:
            hints.note(str(error), error.code)
    return [member for member in found if member] or None


EXTINFO_LENGTH = 16


def extinfo(value: Any, hints: Hints) -> list[str] | None:
    """Return the 16 positions of ``extinfo`` as texts, unknown ones empty.

    Source: Meta, App Data Parameters, "extinfo".
    """
    positions = ["" if member is None else as_text(member) for member in members(value)]
    if len(positions) > EXTINFO_LENGTH:
        raise UnusableValue("It has 16 positions at most; left out.", "extinfo_length")
    return positions + [""] * (EXTINFO_LENGTH - len(positions))


def one_of(*values: str) -> Normalizer:
    """Return a normalizer that takes these words only, in any letter case, blanks for ``_``."""

    def run(value: Any, hints: Hints) -> str | None:
        word = "_".join(clean(as_text(value)).lower().replace("-", " ").split())
        if word and word not in values:
            raise UnusableValue(f"Meta takes only {', '.join(values)}; left out.", "not_an_option")
        return word or None

    return run


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object, also from its JSON text.

    Raises:
        UnusableValue: It is neither.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise UnusableValue("It is no valid JSON; left out.", "no_json") from None
    if not isinstance(value, Mapping):
        raise UnusableValue("It must be a JSON object; left out.", "no_object")
    return value


NORMALIZERS: Mapping[str, Normalizer] = {
    "email": hashed(email),
    "phone": hashed(phone),
    "name": hashed(person_name),
    "birth_date": hashed(birth_date),
    "gender": hashed(gender),
    "city": hashed(city),
    "state": hashed(state),
    "postcode": hashed(postcode),
    "country": hashed(country),
    "lower_case": hashed(lambda text, hints: text.lower()),
    "external_id": external_id,
    "client_ip": client_ip,
    "fbc": _cookie(_FBC, "a click id such as fb.1.1554763741205.AbCdEf", "not_fbc"),
    "fbp": _cookie(_FBP, "a browser id such as fb.1.1596403881668.1116446470", "not_fbp"),
    "digits_id": digits_id,
    "lead_id": lead_id,
    "text": text,
    "plain": never_hashed(text),
    "user_agent": never_hashed(verbatim),
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
