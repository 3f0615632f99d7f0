"""Countries, US states and currencies by the names that people type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name

# In CLDR's list of territories, but not countries of ISO 3166-1 (XK, Kosovo, is a user-assigned code).
_NOT_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)

# Names of ISO 3166-1 that CLDR lacks, short and full, and older or other names of the same countries.
_OTHER_NAMES = """
AE | Emirates
AR | Argentine Republic
BN | Brunei Darussalam
BQ | Bonaire, Sint Eustatius and Saba
CD | Democratic Republic of the Congo
CG | Congo | Republic of the Congo
CH | Swiss Confederation
CI | Ivory Coast
CV | Cabo Verde
CZ | Czech Republic
FK | Falkland Islands (Malvinas)
FR | French Republic
GA | Gabonese Republic
GB | Great Britain | United Kingdom of Great Britain and Northern Ireland
GR | Hellenic Republic
HK | Hong Kong
HM | Heard Island and McDonald Islands
IT | Italian Republic
KG | Kyrgyz Republic
KP | Democratic People's Republic of Korea
KR | Republic of Korea
LA | Lao People's Democratic Republic
LB | Lebanese Republic
LY | Libyan Arab Jamahiriya
MF | Saint Martin (French part)
MK | Macedonia | The former Yugoslav Republic of Macedonia
MM | Burma
MO | Macao | Macau
MX | United Mexican States
NL | Holland
PN | Pitcairn
PS | Palestine | Occupied Palestinian Territory
PT | Portuguese Republic
RU | Russian Federation
RW | Rwandese Republic
SH | Saint Helena, Ascension and Tristan da Cunha
SK | Slovak Republic
SX | Sint Maarten (Dutch part)
SY | Syrian Arab Republic
SZ | Swaziland
TG | Togolese Republic
TL | East Timor
TR | Turkey
TW | Taiwan, Province of China
UM | United States Minor Outlying Islands
US | America | United States of America
UY | Eastern Republic of Uruguay
VA | Holy See (Vatican City State) | Holy See | Vatican
VN | Viet Nam
"""
# Words that many names of states share. The other words identify a country if only one country has them.
_GENERIC = frozenset(
    {"administrative", "arab", "bolivarian", "co", "commonwealth", "confederation", "cooperative"}
    | {"democratic", "duchy", "federal", "federated", "federation", "federative", "grand", "hashemite"}
    | {"independent", "islamic", "kingdom", "operative", "people", "peoples", "plurinational"}
    | {"principality", "province", "region", "republic", "sar", "socialist", "special", "state", "states"}
    | {"sultanate", "union", "united"}
)
_LINKING = frozenset({"and", "of", "the", "part"})
_UNITED_STATES = frozenset({"united", "states"})
_WORDS = {"saint": "st", "ste": "st", "usa": "us"}
_LONGER = {"dr": ("democratic", "republic"), "drc": ("democratic", "republic")}
# "Republic of China" is Taiwan, but people also type it for the People's Republic.
_AMBIGUOUS = frozenset({frozenset({"republic", "china"})})

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
    """Reduce a name to letters and digits without accents, so that its spellings are equal."""
    plain = unicodedata.normalize("NFKD", name.replace("&", "and")).lower()
    return re.sub(r"[^a-z0-9]", "", plain)


@cache
def _countries() -> frozenset[str]:
    territories = Locale("en").territories
    codes = {code for code in map(str, territories) if len(code) == 2 and code.isalpha()}
    return frozenset(code.lower() for code in codes - _NOT_COUNTRIES)


def _codes() -> Iterator[tuple[str, str]]:
    """Yield three-letter and three-digit codes, each with its country."""
    for alias, targets in get_global("territory_aliases").items():
        if len(alias) == 3 and len(targets) == 1:
            yield alias.lower(), targets[0].lower()


def _names() -> Iterator[tuple[str, str]]:
    """Yield English names, each with its country."""
    for code in _countries():
        name = Locale("en").territories[code.upper()]
        yield name, code
        yield re.sub(r"\(.*\)", "", name), code
    for line in _OTHER_NAMES.strip().splitlines():
        code, *names = (part.strip() for part in line.split("|"))
        yield from ((name, code.lower()) for name in names)


Words = frozenset[str]


def _words(name: str) -> Words:
    """Return the words of a name in one spelling, without order and without linking words such as "of"."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ")).lower()
    plain = re.sub(r"['’‘`´.]|[\u0300-\u036f]", "", plain)
    found: set[str] = set()
    for word in re.findall(r"[a-z0-9]+", plain):
        found.update(_LONGER.get(word) or (_WORDS.get(word, word),))
    if found >= _UNITED_STATES:
        found = (found - _UNITED_STATES - {"america"}) | {"us"}
    return frozenset(found - _LINKING)


@cache
def _by_words() -> tuple[dict[Words, str], dict[Words, str]]:
    """Map all words of a name to its country, and the distinctive words to the only country that has them."""
    full: dict[Words, set[str]] = {}
    core: dict[Words, set[str]] = {}
    for name, code in _names():
        words = _words(name)
        full.setdefault(words, set()).add(code)
        core.setdefault(words - _GENERIC, set()).add(code)
    core.pop(frozenset(), None)
    # "Congo" is one country's name, and also the distinctive word of "Democratic Republic of the Congo".
    return (
        {words: min(codes) for words, codes in full.items() if len(codes | core.get(words, set())) == 1},
        {words: min(codes) for words, codes in core.items() if len(codes) == 1},
    )


def _named(name: str) -> str:
    full, core = _by_words()
    words = _words(name)
    if words in full or words in _AMBIGUOUS:
        return full.get(words, "")
    return core.get(words - _GENERIC, "")


@cache
def _known_codes() -> dict[str, str]:
    return dict(_codes()) | {"uk": "gb", "uae": "ae"}


@cache
def _joined_names() -> dict[str, str]:
    """Map names without blanks, as in cleaned data, to their countries."""
    found = {_key(name): code for name, code in _names() if _named(name) == code}
    return found | {f"the{key}": code for key, code in found.items()}


LONGEST_NAME = 80


def country_code(name: str) -> str:
    """Return the ISO 3166-1 alpha-2 code, in lower case, for a code or an English name, else "".

    Knows alpha-2, alpha-3 and numeric codes, and the English names of ISO 3166-1 and Unicode CLDR, with their
    words in any order and punctuation. ``uk`` is ``gb``. For a name that two countries share (Congo, Korea,
    Virgin Islands) it is "".

    Source: ISO 3166-1; Unicode CLDR, territories.
    """
    return _country_code(name) if len(name) <= LONGEST_NAME else ""


@lru_cache(maxsize=1024)
def _country_code(name: str) -> str:
    key = _key(name)
    if key in _countries():
        return key
    return _known_codes().get(key) or _named(name) or _joined_names().get(key, "")


def is_country(code: str) -> bool:
    """Whether two letters are the code of a country."""
    return code.lower() in _countries()


@cache
def _state_codes() -> dict[str, str]:
    pairs = [entry.split(" ", 1) for entry in re.split(r"[|\n]", _STATES.strip())]
    named = {_key(name): code.lower() for code, name in pairs}
    return named | {code: code for code in named.values()}


def us_state_code(key: str) -> str:
    """Return the two-letter code of a US state in lower case, for its code or its name without blanks."""
    return _state_codes().get(key) or _state_codes().get(key.removeprefix("us"), "")


@cache
def currencies() -> frozenset[str]:
    """Return the ISO 4217 codes of legal tender, now or since 2020 (late refunds keep their currency)."""
    uses = (use for territory in get_global("territory_currencies").values() for use in territory)
    return frozenset(code for code, _, end, tender in uses if tender and (end is None or end[0] >= 2020))


def currency_choices() -> tuple[tuple[str, str], ...]:
    """Return (code, label) of each currency for a field, such as ``("SEK", "SEK Swedish Krona")``."""
    return tuple((code, f"{code} {get_currency_name(code, locale='en')}") for code in sorted(currencies()))
