"""Customers of a shop, all different, with names and places distributed as in real life.

Nothing here depends on what the product caches. All words are made up; only their repetition matters:

- Last names: the 25 most frequent cover 9 % of people in the US, the 239 most frequent a quarter, some
160,000 nine tenths; the others have millions. Source: US Census Bureau, Frequently Occurring Surnames in the
2010 Census.
- First names: James has 3.3 % of all men, the first ten 23 %; 5,500 names of men and women cover nine tenths.
Source: US Census Bureau, name files of the 1990 Census.
- Towns: the largest of the US has 2.5 % of its people and some 200 post codes.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from random import Random
from string import ascii_uppercase
from typing import Any

# How many words there are, and how evenly the first of them share, to match the figures above.
LAST_NAMES, EVENNESS_OF_LAST_NAMES = 150_000, 20
FIRST_NAMES, EVENNESS_OF_FIRST_NAMES = 5_500, 8
TOWNS, EVENNESS_OF_TOWNS = 30_000, 3
RARE = 0.1
POST_CODES_OF_THE_LARGEST = 200

COUNTRIES, SHARES = ("US", "GB", "DE", "FR", "BR", "CN"), (55, 15, 12, 10, 6, 2)
_VOWELS, _CONSONANTS = "aaeeiioouy", "bcdfghklmnprstvwz"
_ACCENTS = {"DE": "äöü", "FR": "éèê", "BR": "ãçõ"}
_HAN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹"
_PHONES = {
    "US": "+1 ({}{}{}) {}{}{}-{}{}{}{}",
    "GB": "+447{}{}{}{}{}{}{}{}{}",
    "DE": "+49 17{} {}{}{}{}{}{}{}",
    "FR": "+33 6 {}{} {}{} {}{} {}{}",
    "BR": "+55 11 9{}{}{}{}-{}{}{}{}",
    "CN": "+86 13{} {}{}{}{} {}{}{}{}",
}
_BROWSERS = tuple(
    f"Mozilla/5.0 ({system}) {engine}/{version}.0"
    for system in ("X11; Linux x86_64", "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
    for engine in ("Firefox", "Chrome", "Safari")
    for version in range(130, 145)
)


def customer(chance: Random) -> dict[str, Any]:
    """Return one person, under the keys of Meta's action."""
    country = chance.choices(COUNTRIES, SHARES)[0]
    town = _rank(chance, TOWNS, EVENNESS_OF_TOWNS)
    number = chance.getrandbits(40)
    return {
        "email": _as_typed(chance, f"{chance.choice(('Mary', 'j.doe+shop', 'info'))}{number}@example.com"),
        "phone": _PHONES[country].format(*(chance.randint(2, 9) for _ in range(10))),
        "gender": chance.choice("fm"),
        "firstName": _as_typed(chance, _name(chance, country, FIRST_NAMES, EVENNESS_OF_FIRST_NAMES)),
        "lastName": _as_typed(chance, _name(chance, country, LAST_NAMES, EVENNESS_OF_LAST_NAMES)),
        "dob": f"{chance.randint(1945, 2006)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}",
        "city": _as_typed(chance, _town(country, town)),
        "state": _state(country, town),
        "zip": _post_code(country, town, chance.randrange(max(1, POST_CODES_OF_THE_LARGEST // (town + 1)))),
        "country": country,
        "externalId": f"user-{number}",
        "clientIpAddress": f"{chance.randint(11, 99)}.{chance.randint(0, 255)}.{chance.randint(0, 255)}.7",
        "clientUserAgent": chance.choice(_BROWSERS),
        "fbc": f"fb.1.1699999{chance.randint(100_000, 999_999)}.IwAR{chance.getrandbits(160):x}",
        "fbp": f"fb.1.1696{chance.randint(100_000_000, 999_999_999)}.{chance.randint(10**9, 2 * 10**9)}",
    }


def _name(chance: Random, country: str, known: int, evenness: int) -> str:
    if chance.random() < RARE:
        return _word(chance, country, 4)
    rank = _rank(chance, known, evenness)
    return _word(_fixed("name", country, known, rank), country, 2 + rank % 2)


def _rank(chance: Random, known: int, evenness: int) -> int:
    weights = _weights(known, evenness)
    return bisect(weights, chance.random() * weights[-1])


@cache
def _weights(known: int, evenness: int) -> Sequence[float]:
    """Return cumulative weights by rank, as Zipf and Mandelbrot found them for words."""
    return list(accumulate(1 / (rank + evenness) for rank in range(1, known + 1)))


def _as_typed(chance: Random, text: str) -> str:
    """Return a text as people type it: most of them correctly."""
    spellings = (text, text.lower(), text.upper(), f" {text} ")
    return chance.choices(spellings, (85, 8, 4, 3))[0]


def _town(country: str, rank: int) -> str:
    name = _word(_fixed("town", country, rank), country, 3)
    return f"New {name}" if country in ("US", "GB") and rank % 10 == 0 else name


def _state(country: str, town: int) -> str:
    chance = _fixed("state", country, town % 50)
    return "".join(chance.choices(ascii_uppercase, k=2)) if country == "US" else _word(chance, country, 2)


def _post_code(country: str, town: int, number: int) -> str:
    digits = str(_fixed("post code", country, town, number).randint(10_000, 99_999))
    return f"LS{digits[0]} {digits[1]}AP" if country == "GB" else digits


def _fixed(*parts: object) -> Random:
    """Return a random generator that repeats for the same arguments."""
    return Random(repr(parts))


def _word(chance: Random, country: str, syllables: int) -> str:
    if country == "CN":
        return "".join(chance.choices(_HAN, k=syllables))
    parts = [chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(syllables)]
    if country in _ACCENTS and chance.random() < 0.3:
        parts[-1] = parts[-1][0] + chance.choice(_ACCENTS[country])
    return ("".join(parts) + chance.choice(("", "n", "s", "r"))).capitalize()
