"""Hides customer data in traces, pages and logs."""

from __future__ import annotations

import re
from typing import Any

# Bounded, so that a long text without a match costs one pass.
_LOCAL_PART = r"[A-Za-z0-9.!$'*+^_`{|}~%-]{1,64}"
_DOMAIN = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
_EMAIL = re.compile(rf"({_LOCAL_PART})(?:@|%40)({_DOMAIN})")
_INTERNATIONAL_PHONE = re.compile(r"(?<![\w.+-])(?:\+|%2B)\d[\d\s()./-]{6,24}\d(?!\w)")
_NATIONAL_PHONE = re.compile(r"\(?\d[\d\s()./-]{7,24}\d")
_NO_PHONE = re.compile(
    r"\d+(?:\.\d+)?"  # a number
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*"  # a date
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}.*"
    r"|(?:\d{1,3}\.){3}\d{1,3}"  # an IP address
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PHONE_DIGITS = range(9, 16)
CREDENTIAL_NAMES = frozenset(
    name
    for words in (
        "access token",
        "refresh token",
        "id token",
        "auth token",
        "client secret",
        "api key",
        "api secret",
    )
    for first, second in [words.split()]
    for name in (f"{first}_{second}", f"{first}{second.capitalize()}")
) | {"token", "secret", "password", "authorization", "Authorization"}
_NAMES = "|".join(sorted(CREDENTIAL_NAMES))
# Not a secret marker or a data element.
_CREDENTIAL_IN_TEXT = re.compile(
    rf"""("(?:{_NAMES})\\{{0,3}}"\s{{0,9}}:\s{{0,9}}\\{{0,3}}"|\b(?:{_NAMES})=|\bBearer\s{{1,9}}"""
    r"""|\bBasic\s{1,9}(?=[A-Za-z0-9+/]{16}))"""
    r"""(?!secret “|\[|\{\{|Bearer\s|Basic\s)([^\s"'&,<>\\]{8,})"""
)
_SHORTEST_SHOWN = 9


def mask(value: Any) -> Any:
    """Return ``value`` with everything hidden except its shape.

    Texts and numbers become ``j…@e…`` or ``•••• (12 characters)``. Null, empty text, true, false and SHA-256
    hashes stay visible, because they explain why a value was sent or not; objects keep their keys.
    """
    if isinstance(value, dict):
        return {mask_lookalikes(key): mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    if value is None or value == "" or isinstance(value, bool):
        return value
    return _mask_text(value) if isinstance(value, str) else "•••• (number)"


def _mask_text(text: str) -> str:
    if _SHA256.fullmatch(text):
        return text
    if match := _EMAIL.fullmatch(text.strip()):
        return _short_email(match)
    return f"•••• ({len(text)} character{'s' if len(text) > 1 else ''})"


def mask_lookalikes(value: Any) -> Any:
    """Return ``value`` with e-mail addresses, phone numbers and credentials hidden, wherever they are.

    Plain digits stay: order numbers and times look like phone numbers too.
    """
    if isinstance(value, dict):
        return {mask_lookalikes(key): _mask_member(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_lookalikes(item) for item in value]
    return _mask_inside(value) if isinstance(value, str) else value


def mask_credentials(text: str) -> str:
    """Return ``text`` without credentials after ``Bearer``, ``Basic`` and ``"access_token":`` or the like."""
    return _CREDENTIAL_IN_TEXT.sub(lambda match: match[1] + _last_four(match[2]), text)


def _mask_member(key: Any, value: Any) -> Any:
    """Mask a value whose key names a credential, unless it is the name of a secret or a data element."""
    is_credential = key in CREDENTIAL_NAMES and isinstance(value, str) and len(value) >= _SHORTEST_SHOWN
    if is_credential and not value.startswith(("secret “", "[", "{{", "Bearer ", "Basic ", "••••")):
        return _last_four(value)
    return mask_lookalikes(value)


def _last_four(text: str) -> str:
    """Source: docs/reference/adobe.md, "Secrets": the last four characters; none of a short credential."""
    return f"••••{text[-4:]}" if len(text) >= _SHORTEST_SHOWN else "••••"


def _mask_inside(text: str) -> str:
    if _looks_like_national_phone(text):
        return _mask_text(text)
    if len(text) >= _SHORTEST_SHOWN and any(sign in text for sign in ("Bearer", "Basic", '":', "=")):
        text = mask_credentials(text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(_short_email, text)
    if "+" in text or "%2B" in text:
        text = _INTERNATIONAL_PHONE.sub(lambda match: _mask_text(match[0]), text)
    return text


def _looks_like_national_phone(text: str) -> bool:
    text = text.strip() if len(text) < 64 else ""
    if not _NATIONAL_PHONE.fullmatch(text) or _NO_PHONE.fullmatch(text):
        return False
    return sum(map(str.isdigit, text)) in _PHONE_DIGITS


def _short_email(match: re.Match[str]) -> str:
    return f"{match[1][0]}…@{match[2][0]}…"
