"""Phone numbers in the form that vendors match: country code first, with or without a plus."""

from __future__ import annotations

import re
from hashlib import sha256

import phonenumbers

from .cleaning import Hints, UnusableValue, ascii_digits

_NOT_DIGITS = re.compile(r"[^0-9]+")
_ZERO = ord("0")
_INTERNATIONAL = re.compile(r"[^0-9+]*(\+|00)")


def phone(text: str, hints: Hints) -> str:
    """Return digits only, country code first.

    Args:
        text: A phone number as typed, preferably with its country code, such as "+1 (650) 555-1212".
        hints: ``default_country`` completes numbers without a country code.

    Returns:
        Digits without symbols, letters or leading zeros, such as "16505551212".

    Raises:
        UnusableValue: Fewer than 7 or more than 15 digits remain.
    """
    digits, is_doubtful = _phone_digits(_alone(ascii_digits(text)), hints)
    if not 7 <= len(digits) <= 15:
        message = "A phone number has 7 to 15 digits with its country code; left out."
        raise UnusableValue(message, "phone_length")
    if is_doubtful:
        hints.note(
            "It seems to have no country code, so it cannot be matched. Send it with the code, or set the "
            "default country of the property.",
            "no_country_code",
        )
    return digits


def phone_with_plus(text: str, hints: Hints) -> str:
    """Return the result of :func:`phone` with a leading plus, in E.164 form, such as "+16505551212".

    Source: https://www.itu.int/rec/T-REC-E.164
    """
    return f"+{phone(text, hints)}"


# Longer than a number with its extension.
_LONGEST = 100
# Spreadsheets write large numbers like this.
_POWER = re.compile(r"\+?([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})")
_DECIMALS = re.compile(r"(?<=[0-9]{4})[.,]0+$")
# Source: RFC 3966, 3 (";ext="); ITU-T E.123, 4.2 for the words.
_EXTENSION = re.compile(r"(?<=[0-9)])\s*(;.*|,?\s*(ext(ension)?|x|#)[\s:=.]*[0-9]{1,7})$", re.IGNORECASE)


def _alone(text: str) -> str:
    """Return the number without its extension, with all digits if a spreadsheet wrote it.

    Raises:
        UnusableValue: The spreadsheet rounded off its last digits.
    """
    if len(text) > _LONGEST:
        return text
    if power := _POWER.fullmatch(text):
        digits = power[1] + (power[2] or "")
        if len(digits) != int(power[3]) + 1:
            message = "A spreadsheet rounded it (4.47946E+11), so digits are lost; left out."
            raise UnusableValue(message, "rounded")
        return f"+{digits}" if text.startswith("+") else digits
    return _EXTENSION.sub("", _DECIMALS.sub("", text))


def usual_phone(text: str) -> str | None:
    """Return the hash of the :func:`phone` for ``+`` and common punctuation, else None."""
    digits = _usual_digits(text)
    return sha256(digits).hexdigest() if digits else None


def usual_phone_with_plus(text: str) -> str | None:
    """Return the hash of the :func:`phone_with_plus` for ``+`` and common punctuation, else None."""
    digits = _usual_digits(text)
    return sha256(b"+" + digits).hexdigest() if digits else None


def _usual_digits(text: str) -> bytes | None:
    if not text.startswith("+") or not text.isascii() or "(0)" in text:
        return None
    digits = text.encode().translate(None, b"+ ()-.")
    is_whole = digits.isdigit() and 7 <= len(digits) <= 15 and digits[0] != _ZERO
    return digits if is_whole else None


def _phone_digits(text: str, hints: Hints) -> tuple[str, bool]:
    """Return the digits without leading zeros, and whether the country code seems to be missing."""
    if _INTERNATIONAL.match(text):
        # "+44 (0)20 …": the zero is dialled inside the country only.
        return _NOT_DIGITS.sub("", text.replace("(0)", "")).lstrip("0"), False
    completed = _valid_number(text, hints.default_country.upper()) if hints.default_country else ""
    if completed:
        return completed, False
    digits = _NOT_DIGITS.sub("", text)
    if digits.startswith("0"):
        return digits.lstrip("0"), True
    # A number of eleven or more digits without a leading zero nearly always has a country code.
    return digits, len(digits) < 11 and not _valid_number(f"+{digits}", None)


def _valid_number(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
