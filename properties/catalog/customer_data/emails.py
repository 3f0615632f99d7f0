"""E-mail addresses as vendors match them."""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256

from .cleaning import Hints, UnusableValue

# An address has 254 letters at most, and a name before it or a subject behind it hardly more.
LONGEST_WRAPPED = 1000
# Both name one mailbox provider, which ignores dots before the @. Source: https://support.google.com/mail/answer/7436150
GMAIL = frozenset({"gmail.com", "googlemail.com"})

# Signs that no address has unquoted. Source: RFC 5322, 3.2.3 (specials); RFC 1123, 2.1 for the domain.
_ADDRESS = re.compile(r"[^\s@<>()\[\]:;,\"\\]+@([\w-]+\.)+[\w-]*\w")
_USUAL_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9]+")
_BETWEEN = re.compile(r"<([^<>]*)>\W*$|\]\((mailto:[^()]*)\)$", re.IGNORECASE)
_AROUND = " \t\r\n;,.:<>()[]\"'`"
CLEANED = "It held more than the value itself; only the value was sent."


def email(text: str, hints: Hints) -> str:
    """Return the address in lower case; dots, plus tags and domain stay.

    What certainly stands around it is cut: ``mailto:``, brackets, quotes, a name, a mark at the end.

    Source: RFC 6068 for ``mailto:``.
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


def without_dots(address: str, domains: Collection[str] | None = None) -> str:
    """Return a normalised address without the dots before its @.

    Args:
        address: What :func:`email` returns.
        domains: Only addresses of these domains lose their dots; None means every domain.

    Raises:
        UnusableValue: It has nothing but dots before its @.
    """
    name, _, domain = address.rpartition("@")
    if domains is not None and domain not in domains:
        return address
    return _joined(name.replace(".", ""), domain)


def without_tag(address: str, domains: Collection[str] | None = None) -> str:
    """Return a normalised address without ``+tag``: ``jane+shop@example.com`` is ``jane@example.com``.

    Arguments and errors are those of :func:`without_dots`.
    """
    name, _, domain = address.rpartition("@")
    if domains is not None and domain not in domains:
        return address
    return _joined(name.partition("+")[0], domain)


def gmail_mailbox(address: str) -> str:
    """Return the mailbox of a normalised address: Gmail's lose dots and ``+tag``, others stay as they are.

    Source: https://github.com/googleads/data-manager-python, ``tests/formatter_test.py``.
    """
    return without_dots(without_tag(address, GMAIL), GMAIL)


def _joined(name: str, domain: str) -> str:
    if not name:
        raise UnusableValue("It has no name before the @; left out.", "no_email")
    return f"{name}@{domain}"


def usual_email(text: str) -> str | None:
    """The hash of what :func:`email` gives for usual addresses, else None."""
    address = text.strip()
    if not _USUAL_ADDRESS.fullmatch(address):
        return None
    return sha256(address.lower().encode()).hexdigest()
