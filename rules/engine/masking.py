"""Hides customer data in what people read: traces, pages, logs."""

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


def mask(value: Any) -> Any:
    """Return ``value`` with everything hidden but its shape.

    Texts and numbers become ``j…@e…`` or ``•••• (12 characters)``. Nothing is hidden of null, empty text,
    true, false and SHA-256 hashes, which tell why a value was or was not sent; objects keep their keys.
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
    """Return ``value`` with e-mail addresses and phone numbers hidden, wherever they stand in it.

    Plain digits are left: order numbers and times look like phone numbers too.
    """
    if isinstance(value, dict):
        return {mask_lookalikes(key): mask_lookalikes(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_lookalikes(item) for item in value]
    return _mask_inside(value) if isinstance(value, str) else value


def _mask_inside(text: str) -> str:
    if _looks_like_national_phone(text):
        return _mask_text(text)
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
