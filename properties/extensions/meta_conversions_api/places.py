"""Countries, US states and currencies by the names that people type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

# In CLDR's list of territories, but no countries of ISO 3166-1 (XK, Kosovo, is assigned by its users).
_NOT_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)

_OTHER_NAMES = {
    "america": "us",
    "unitedstatesofamerica": "us",
    "greatbritain": "gb",
    "burma": "mm",
    "capeverde": "cv",
    "czechrepublic": "cz",
    "easttimor": "tl",
    "holland": "nl",
    "hongkong": "hk",
    "ivorycoast": "ci",
    "korea": "kr",
    "republicofkorea": "kr",
    "macao": "mo",
    "macau": "mo",
    "macedonia": "mk",
    "palestine": "ps",
    "russianfederation": "ru",
    "swaziland": "sz",
    "turkey": "tr",
    "uae": "ae",
    "uk": "gb",
    "vatican": "va",
    "vietnam": "vn",
}

_STATES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|FL Florida
GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine
MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska
NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio
OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas
UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming|DC District of Columbia
DC Washington DC|AS American Samoa|GU Guam|MP Northern Mariana Islands|PR Puerto Rico|VI US Virgin Islands
VI Virgin Islands|AA Armed Forces Americas|AE Armed Forces Europe|AP Armed Forces Pacific
"""


def _key(name: str) -> str:
    """Letters and digits only, without accents, so that spellings of one name meet."""
    plain = unicodedata.normalize("NFKD", name.replace("&", "and")).lower()
    return re.sub(r"[^a-z0-9]", "", plain)


@cache
def _countries() -> frozenset[str]:
    territories = Locale("en").territories
    codes = {code for code in map(str, territories) if len(code) == 2 and code.isalpha()}
    return frozenset(code.lower() for code in codes - _NOT_COUNTRIES)


def _names() -> Iterator[tuple[str, str]]:
    codes = _countries()
    for alias, targets in get_global("territory_aliases").items():
        if len(alias) == 3 and len(targets) == 1:
            yield alias.lower(), targets[0].lower()
    for code in codes:
        name = Locale("en").territories[code.upper()]
        yield _key(name), code
        yield _key(re.sub(r"\(.*\)", "", name)), code
    yield from _OTHER_NAMES.items()


@cache
def _country_names() -> dict[str, str]:
    return dict(_names())


LONGEST_NAME = 80


def country_code(name: str) -> str:
    """ISO 3166-1 alpha-2 in lower case of a code or an English name, or "" when it is neither.

    Knows alpha-2, alpha-3 and numeric codes and the English names of Unicode CLDR; ``uk`` is ``gb``.

    Source: Meta, Customer Information Parameters, "country".
    """
    return _country_code(name) if len(name) <= LONGEST_NAME else ""


@lru_cache(maxsize=1024)
def _country_code(name: str) -> str:
    key = _key(name)
    if key in _countries():
        return key
    return _country_names().get(key) or _country_names().get(key.removeprefix("the"), "")


@cache
def _state_codes() -> dict[str, str]:
    pairs = [entry.split(" ", 1) for entry in re.split(r"[|\n]", _STATES.strip())]
    named = {_key(name): code.lower() for code, name in pairs}
    return named | {code: code for code in named.values()}


def us_state_code(key: str) -> str:
    """Two-letter code in lower case of a US state, from its code or its name without blanks; else ""."""
    return _state_codes().get(key) or _state_codes().get(key.removeprefix("us"), "")


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes that are tender somewhere, or were in this decade (late refunds keep their currency)."""
    uses = (use for territory in get_global("territory_currencies").values() for use in territory)
    return frozenset(code for code, _, end, tender in uses if tender and (end is None or end[0] >= 2020))
