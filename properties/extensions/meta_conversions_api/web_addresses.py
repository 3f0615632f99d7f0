"""Addresses of pages: checks their form, warns about personal data, removes named parameters.

Source: Meta, Server Event Parameters, "event_source_url"; Conversions API best practices: no personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from properties.catalog.customer_data.cleaning import Hints, UnusableValue, as_text
from properties.catalog.customer_data.nothing import names_nothing

REMOVED = "removeParameters"
REMOVED_LABEL = "Remove from addresses"

# Excludes characters that a host name cannot have; square brackets may contain only an IPv6 address.
_HOST = r"\[[0-9A-Fa-f:.]+\](?::[0-9]+)?|[^\s/?#<>{}\[\]|\\^\"'`%]+"
_URL = re.compile(rf"https?://({_HOST})([/?#]\S*)?", re.IGNORECASE)
_USUAL = re.compile(r"https?://[A-Za-z0-9-]+\.[A-Za-z0-9.-]+(?:[/?#]\S*)?").fullmatch
_PATTERN = re.compile(r"your[-_.]?(domain|site|website|shop|store|company|host)\b", re.IGNORECASE)
_PLACES = (
    ("event_source_url", "eventSourceUrl", "Event Source URL"),
    ("referrer_url", "referrerUrl", "Referrer URL"),
)


def url(value: Any, hints: Hints) -> str | None:
    """Return a web address byte for byte.

    Raises:
        UnusableValue: It is not a web address with a host name.

    Source: Meta, Server Event Parameters, "event_source_url": must match the verified domain.
    """
    if type(value) is str and _USUAL(value) and "our" not in value and "OUR" not in value:
        return value
    address = as_text(value).strip()
    if not address:
        return None
    found = _URL.fullmatch(address)
    if not found or names_nothing(found[1]):
        message = "It must start with http:// or https:// and the name of a site; left out."
        raise UnusableValue(message, "no_url")
    if _PATTERN.search(found[1]):
        hints.note("It looks like a placeholder in which the name of your site is missing.", "placeholder")
    return address


def finish_addresses(event: dict[str, Any], configuration: Mapping[str, Any], hints: Hints) -> None:
    """Remove the named parameters from the addresses of an event, and warn about remaining personal data.

    Args:
        configuration: Configuration of the extension; ``removeParameters`` lists names, in any letter case.
    """
    for name, path, label in _PLACES:
        address = event.get(name)
        if address is None or not ("?" in address or "@" in address or "#" in address):
            continue
        if names := _names(configuration.get(REMOVED)):
            address = event[name] = without_parameters(address, names)
        if _is_personal(address):
            hints.place = (path, label)
            hints.note(_MESSAGE, "personal_data")


_MESSAGE = (
    "It seems to contain an email address, a phone number or a name. Meta's terms forbid personal data here. "
    f"List the parameters under {REMOVED_LABEL} in the configuration of the extension."
)
_BIRTH = r"date[-_]?of[-_]?birth|birth[-_]?da(?:te|y)|dob"
_CONTACTS = r"e[-_]?mail(?:[-_]?address)?|phone(?:[-_]?number)?|telephone|mobile|msisdn"
_NAMES = r"(?:first|last|full|given|family|sur)[-_]?name|[fl]name"
_STREETS = r"street(?:[-_]?address)?|ssn|passport"
# Matches a parameter with such a name, alone, as part of another name, or in brackets.
_NAMED = re.compile(
    rf"(?:[\w.-]*[\[_.-])?(?:{_CONTACTS}|{_NAMES}|{_BIRTH}|{_STREETS})\]?", re.IGNORECASE
).fullmatch
_EMAIL = re.compile(r"[^@\s/?&=]@[^@\s/?&=]+\.[^@\s]")
_PHONE = re.compile(r"=\+[0-9][0-9 ()./-]{6}")
_LONGEST_NAME = 60


def _is_personal(address: str) -> bool:
    """Whether an address has a parameter with a name for contact data, or contains contact data."""
    if "%" in address:
        address = unquote(address)
    _, _, query = address.partition("?")
    for part in query.replace("#", "&").split("&"):
        name, _, value = part.partition("=")
        if value and len(name) <= _LONGEST_NAME and _is_contact(name):
            return True
    return ("@" in address and bool(_EMAIL.search(address))) or (
        "=+" in address and bool(_PHONE.search(address))
    )


@lru_cache(maxsize=1024)
def _is_contact(name: str) -> bool:
    """Whether a parameter's name means contact data. Cached: a site has few names."""
    return bool(_NAMED(name))


def without_parameters(address: str, names: frozenset[str]) -> str:
    """Return the address without the named query parameters; every other byte stays.

    Args:
        names: Decoded names in lower case.
    """
    address, hash_sign, fragment = address.partition("#")
    page, question_mark, query = address.partition("?")
    kept = [part for part in query.split("&") if _name_of(part) not in names]
    query = "&".join(kept)
    return page + (question_mark if query else "") + query + hash_sign + fragment


def _name_of(part: str) -> str:
    return unquote(part.partition("=")[0].replace("+", " ")).lower()


def _names(given: Any) -> frozenset[str]:
    if not given:
        return frozenset()
    return _read_names(tuple(map(str, given)) if isinstance(given, list | tuple) else (str(given),))


@lru_cache(maxsize=64)
def _read_names(given: tuple[str, ...]) -> frozenset[str]:
    return frozenset(part.strip().lower() for name in given for part in name.split(",")) - {""}
