"""Countries by name, from ISO 3166-1 (pycountry, which holds Debian's iso-codes) and Unicode CLDR."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pycountry
import pytest
from babel import Locale

from ..places import country_code

# ISO's short name for one country; people also use it for another.
OF_TWO = {"Congo"}
PUNCTUATION = str.maketrans(",()-", "    ", ".'’")


def iso_names() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        for kind in ("name", "official_name", "common_name"):
            name = getattr(country, kind, None)
            if name and name not in OF_TWO:
                yield name, country.alpha_2.lower()


def cldr_names() -> Iterator[tuple[str, str]]:
    codes = {country.alpha_2 for country in pycountry.countries}
    yield from ((name, code.lower()) for code, name in Locale("en").territories.items() if code in codes)


NAMES = [*iso_names(), *cldr_names()]


def test_every_name_of_iso_and_cldr_is_known_in_any_order_and_punctuation() -> None:
    chance = random.Random(2026)  # noqa: S311 - the same order in every run
    for name, code in NAMES:
        words = name.replace("’", "'").split()
        chance.shuffle(words)
        spellings = [name, name.upper(), name.translate(PUNCTUATION), f"The {name}", " ".join(words)]
        found = {spelling: country_code(spelling) for spelling in spellings}
        assert found == dict.fromkeys(spellings, code)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Korea Republic of", "kr"),
        ("Iran Islamic Republic of", "ir"),
        ("Democratic Republic of the Congo", "cd"),
        ("Virgin Islands US", "vi"),
        ("Holy See Vatican City State", "va"),
        ("Lao Peoples Democratic Republic", "la"),
        ("Republic of Congo", "cg"),
        ("DR Congo", "cd"),
        ("Virgin Islands (British)", "vg"),
        ("United States Virgin Islands", "vi"),
        ("Guinea", "gn"),
        ("Republic of Guinea", "gn"),
        ("Guinea Bissau", "gw"),
        ("Guinea, Equatorial", "gq"),
        ("New Guinea, Papua", "pg"),
        ("Republic of Ireland", "ie"),
        ("Czech Republic", "cz"),
        ("Trinidad and Tobago", "tt"),
        ("St Lucia", "lc"),
        ("Cote d Ivoire", "ci"),
        ("the Netherlands", "nl"),
        ("unitedstates", "us"),
        ("U.S.A.", "us"),
        ("840", "us"),
        ("deu", "de"),
    ],
)
def test_names_as_shops_and_forms_write_them(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize(
    "name",
    [
        *("Congo", "Korea", "Korea (Democratic)", "Virgin Islands", "New Guinea", "Republic of China"),
        *("Northern Ireland", "Republic", "United", "The", "Islands", "Trinidad", "", "x" * 500),
    ],
)
def test_a_name_of_two_countries_or_of_none_has_no_code(name: str) -> None:
    assert country_code(name) == ""
