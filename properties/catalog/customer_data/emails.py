"""Email addresses in the form that vendors match."""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256

from .cleaning import Hints, UnusableValue

# An address has at most 254 characters; a name before it or a subject after it is hardly longer.
LONGEST_WRAPPED = 1000
# Both domains belong to Gmail, which ignores dots before the @. Source: https://support.google.com/mail/answer/7436150
GMAIL = frozenset({"gmail.com", "googlemail.com"})

# Excludes characters that must be quoted. Source: RFC 5322, 3.2.3 (specials); RFC 1123, 2.1 for the domain.
_ADDRESS = re.compile(r"[^\s@<>()\[\]:;,\"\\]+@([\w-]+\.)+[\w-]*\w")
_USUAL_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9]+")
_BETWEEN = re.compile(r"<([^<>]*)>\W*$|\]\((mailto:[^()]*)\)$", re.IGNORECASE)
_AROUND = " \t\r\n;,.:<>()[]\"'`"
CLEANED = "It held more than the value itself; only the value was sent."


def email(text: str, hints: Hints) -> str:
    """Return the address in lower case. Dots, plus tags and the domain stay.

    Text around the address is removed: ``mailto:``, brackets, quotes, a name, a punctuation mark at the end.

    Source: RFC 6068 for ``mailto:``.
    """
    address = text.lower()
    if _ADDRESS.fullmatch(address) and not _is_wrapped(address):
        return address
    address = _unwrapped(address) if len(address) <= LONGEST_WRAPPED else ""
    if not _ADDRESS.fullmatch(address):
        raise UnusableValue("It is not an email address such as name@example.com; left out.", "no_email")
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


def without_dots(address: str, domains: Collection[str] | None = None) -> str:
    """Return a normalised address without the dots before the @.

    Args:
        address: What :func:`email` returns.
        domains: Remove dots only at these domains; None means every domain.

    Raises:
        UnusableValue: The address has only dots before the @.
    """
    name, _, domain = address.rpartition("@")
    if domains is not None and domain not in domains:
        return address
    return _joined(name.replace(".", ""), domain)


def without_tag(address: str, domains: Collection[str] | None = None) -> str:
    """Return a normalised address without ``+tag``: ``jane+shop@example.com`` becomes ``jane@example.com``.

    For arguments and errors, see :func:`without_dots`.
    """
    name, _, domain = address.rpartition("@")
    if domains is not None and domain not in domains:
        return address
    return _joined(name.partition("+")[0], domain)


def gmail_mailbox(address: str) -> str:
    """Return a normalised address, at Gmail without dots and ``+tag``.

    Source: https://github.com/googleads/data-manager-python, ``tests/formatter_test.py``.
    """
    return without_dots(without_tag(address, GMAIL), GMAIL)


def _joined(name: str, domain: str) -> str:
    if not name:
        raise UnusableValue("It has no name before the @; left out.", "no_email")
    return f"{name}@{domain}"


def usual_email(text: str) -> str | None:
    """Return the hash of the :func:`email` for common addresses, else None."""
    address = text.strip()
    if not _USUAL_ADDRESS.fullmatch(address):
        return None
    return sha256(address.lower().encode()).hexdigest()
