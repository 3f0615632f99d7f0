"""Number: reads a number or an amount of money from text, in a country's format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, parse_decimal

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType, Field, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.examples import Example
from properties.catalog.javascript import is_number
from properties.catalog.tokens import tokens_in

from .phrases import plain

CLDR = "https://unicode.org/reports/tr35/tr35-numbers.html"
LOCALES = (
    ("en_US", "1,234.56 (English)"),
    ("de_DE", "1.234,56 (German)"),
    ("de_CH", "1’234.56 (Swiss)"),
    ("fr_FR", "1 234,56 (French)"),
    ("es_ES", "1.234,56 (Spanish)"),
    ("it_IT", "1.234,56 (Italian)"),
    ("nl_NL", "1.234,56 (Dutch)"),
    ("pl_PL", "1 234,56 (Polish)"),
    ("pt_BR", "1.234,56 (Portuguese)"),
    ("sv_SE", "1 234,56 (Swedish)"),
    ("en_IN", "12,34,567.89 (Indian)"),
)
_LONGEST = 60
# Signs that people and word processors write for the plain ones. Marks of direction mean nothing in a number.
_SIGNS = str.maketrans(
    "\u2212\uff0d\ufe63\u2012\u2013\u2014\uff0c\uff0e\uff08\uff09", "------,.()", "\u200e\u200f\u061c"
)
_FRACTIONS = re.compile("[¼-¾⅐-⅟]")
_BLANKS = re.compile(r"[ \t\u00a0\u202f\u2009]")
# A mark directly after a letter ends an abbreviation, such as Rs. or kr.
_FIGURE = re.compile(
    r"(?P<start>(?<!\w)[.,])?(?P<whole>[0-9](?:[0-9.,'’ \t\u00a0\u202f\u2009]*[0-9])?)(?P<none>[.,]-+)?"
)
_SIGN_BEFORE = re.compile(r"(?P<words>.*?)(?P<sign>[+-])(?P<gap>[^\w+-]*)", re.DOTALL)
_SPACES, _APOSTROPHES = "\u00a0\u202f ", "'’"


def run_number(settings: Settings, context: EventContext) -> int | float | None:
    """Return the number in a text; None if it has none, or uses another country's format.

    A value that is already a number is unchanged. Currency signs next to the number are ignored.

    Raises:
        InvalidParameter: A data element returned a locale that CLDR does not know.

    Source: Unicode CLDR, through Babel.
    """
    value = settings.get("value")
    if is_number(value):
        return value
    locale = _locale(str(settings.get("locale") or LOCALES[0][0]))
    figure = _figure(value, locale) if isinstance(value, str) else None
    return None if figure is None else _plain(figure)


def _figure(text: str, locale: Locale) -> Decimal | None:
    if len(text) > _LONGEST:
        return None
    text = _in_plain_signs(text, locale).strip()
    found = list(_FIGURE.finditer(text))
    if len(found) != 1 or _FRACTIONS.search(text):
        return None
    is_negative = _is_negative(text[: found[0].start()], text[found[0].end() :])
    written = _written(found[0], locale)
    if is_negative is None or written is None:
        return None
    try:
        figure = parse_decimal(written, locale=locale, strict=True)
    except NumberFormatError:
        return None
    return -figure if is_negative else figure


def _in_plain_signs(text: str, locale: Locale) -> str:
    """Return text with digits of every script as 0 to 9, and separators as in the locale."""
    symbols = locale.number_symbols["latn"]
    text = text.translate(_SIGNS).replace("\u066b", symbols["decimal"]).replace("\u066c", symbols["group"])
    return re.sub(r"\d", lambda match: str(unicodedata.decimal(match[0])), text)


def _is_negative(before: str, after: str) -> bool | None:
    """Return whether the signs around a number make it negative; None if that is unclear."""
    in_parentheses = before.count("(") > before.count(")") and ")" in after
    minus = [before.startswith("-"), after.endswith("-"), in_parentheses]
    near = _SIGN_BEFORE.fullmatch(before)
    if near and near["words"].strip():
        if near["gap"] and near["gap"] != near["gap"].strip():
            return None  # A dash between words and a number.
        minus.append(near["sign"] == "-")
    return None if sum(minus) > 1 else any(minus)


def _written(found: re.Match[str], locale: Locale) -> str | None:
    """Return a number in CLDR's form: with a decimal comma, ``,5`` is ``0,5`` and ``5,-`` is ``5``."""
    decimal = locale.number_symbols["latn"]["decimal"]
    if any(mark and mark[0] != decimal for mark in (found["start"], found["none"])):
        return None
    whole = _with_group(found["whole"], locale)
    return f"0{decimal}{whole}" if found["start"] else whole


def _with_group(figure: str, locale: Locale) -> str:
    """Replace the blank or apostrophe that people type with CLDR's special one."""
    group = str(locale.number_symbols["latn"]["group"])
    if group in _SPACES:
        return _BLANKS.sub(group, figure)
    return re.sub("['’]", group, figure) if group in _APOSTROPHES else figure


def _plain(figure: Decimal) -> int | float:
    return int(figure) if figure == figure.to_integral_value() else float(figure)


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, TypeError, UnknownLocaleError):
        raise InvalidParameter("The locale is unknown. Write it like en_US or de_DE.") from None


def check_number(settings: Settings) -> Iterator[Problem]:
    """Yield a problem if the locale does not exist."""
    locale = settings.get("locale")
    if not isinstance(locale, str) or tokens_in(locale):
        return
    try:
        _locale(locale)
    except InvalidParameter as error:
        yield Problem("locale", "Written as", str(error))


def summarize_number(settings: Settings) -> str:
    """One line such as: Price as 1.234,56 (German)."""
    locale = plain(settings.get("locale", LOCALES[0][0]))
    return f"{plain(settings.get('value'))} as {dict(LOCALES).get(locale, locale)}"


NUMBER = DataElementType(
    name="number",
    title="Number",
    description="Reads a number from text such as “1.234,56 €”, in the country's format.",
    category="Made of other values",
    fields=[
        Field(
            key="value",
            label="Value",
            required=True,
            placeholder="{{Price}}",
            help="A number is unchanged. Text that is not a number in this format returns nothing.",
        ),
        Field(
            key="locale",
            label="Written as",
            type="combo",
            default="en_US",
            options=LOCALES,
            help="Language and country, such as de_DE: it decides the meaning of comma and dot.",
            url=CLDR,
        ),
    ],
    run=run_number,
    check=check_number,
    summary=summarize_number,
    help_url=CLDR,
    examples=[
        Example(
            title="An amount in German format",
            settings={"value": "{{Price}}", "locale": "de_DE"},
            data_elements={"Price": "1.234,56 €"},
            result=1234.56,
            source=CLDR,
        ),
        Example(
            title="An amount in US format",
            settings={"value": "{{Price}}", "locale": "en_US"},
            data_elements={"Price": "$1,234.50"},
            result=1234.5,
            source=CLDR,
        ),
        Example(
            title="An amount in parentheses is negative, as in accounting",
            settings={"value": "{{Price}}", "locale": "en_US"},
            data_elements={"Price": "($12.50)"},
            result=-12.5,
            source=CLDR,
        ),
        Example(
            title="Another country's format returns nothing rather than a wrong amount",
            settings={"value": "{{Price}}", "locale": "en_US"},
            data_elements={"Price": "12,50"},
            result=None,
            source=CLDR,
        ),
    ],
)
