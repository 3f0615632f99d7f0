"""Each vendor's form of customer data, composed from the shared functions.

Expected values come from the vendors' own code and pages; each test names its source.
"""

from __future__ import annotations

from hashlib import sha256

import pytest

from ..cleaning import Hints, TextNormalizer, UnusableValue, then
from ..dates import birth_date
from ..emails import email, gmail_mailbox, without_dots, without_tag
from ..genders import one_letter
from ..hashing import DIGEST, Hashed, already_hashed
from ..names import city, person_name
from ..phones import phone, phone_with_plus, usual_phone_with_plus
from ..postal import country, state

RECEIVED_AT = 1_700_000_000.0
GOOGLE_EMAIL = then(email, gmail_mailbox)
EVERY_MAILBOX = then(email, without_tag, without_dots)


def hints(**more: str) -> Hints:
    return Hints(RECEIVED_AT, **more)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("QuinnY@EXAMPLE.com", "quinny@example.com"),
        ("Jefferson.Loves.hiking@gmail.com", "jeffersonloveshiking@gmail.com"),
        ("Jefferson.LOVES.Hiking@googlemail.com", "jeffersonloveshiking@googlemail.com"),
        ("Cloudy.SanFrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
    ],
)
def test_an_address_has_googles_form(given: str, expected: str) -> None:
    """Source: googleads/data-manager-python, ``tests/formatter_test.py``."""
    assert GOOGLE_EMAIL(given, hints()) == expected


@pytest.mark.parametrize("given", ["quinn", "@googlemail.com", "...@gmail.com", "+shop@gmail.com"])
def test_an_address_that_google_refuses_is_unusable(given: str) -> None:
    """Source: googleads/data-manager-python, ``tests/formatter_test.py``."""
    with pytest.raises(UnusableValue) as error:
        GOOGLE_EMAIL(given, hints())
    assert error.value.code == "no_email"


def test_googles_hash_of_an_address_is_the_published_one() -> None:
    """Source: googleads/data-manager-python, ``tests/formatter_test.py``."""
    expected = "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a"
    assert Hashed(GOOGLE_EMAIL)("  ALEXZ@example.com   ", hints()) == expected


@pytest.mark.parametrize("given", ["Jane.Doe+shop@example.com", "janedoe@example.com"])
def test_dots_and_tag_are_removed_at_every_domain_for_a_vendor_that_wants_it(given: str) -> None:
    """Source: elbwalker/walkerOS, Bing destination, ``hash.ts``."""
    assert EVERY_MAILBOX(given, hints()) == "janedoe@example.com"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1 800 555 0100", "+18005550100"),
        ("18005550100", "+18005550100"),
        ("+1 800-555-0100", "+18005550100"),
        ("441134960987", "+441134960987"),
        ("+44-113-496-0987", "+441134960987"),
    ],
)
def test_a_phone_has_the_form_of_e164(given: str, expected: str) -> None:
    """Source: googleads/data-manager-python, ``tests/formatter_test.py``."""
    assert phone_with_plus(given, hints()) == expected


def test_both_hash_functions_return_the_published_hash_of_a_phone_with_plus() -> None:
    """Source: googleads/data-manager-python, ``tests/formatter_test.py``."""
    expected = "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30"
    assert usual_phone_with_plus("+1-800-555-0100") == expected
    assert Hashed(phone_with_plus)("1-800-555-0100   ", hints()) == expected
    assert Hashed(phone_with_plus, short=usual_phone_with_plus)("   +1-800-555-0100", hints()) == expected


def test_meta_pinterest_and_snap_match_a_phone_without_plus() -> None:
    """Source: pinterest/api-description, ``v5/openapi.json``: digits with country code, no symbols."""
    assert phone("+1 (800) 555-0100", hints()) == "18005550100"


def test_a_number_without_country_code_is_completed_by_the_default_country() -> None:
    """Source: https://www.itu.int/rec/T-REC-E.164; the country code of Germany is 49."""
    assert phone_with_plus("030 901820", hints(default_country="de")) == "+4930901820"


@pytest.mark.parametrize(
    ("given", "digest"),
    [
        ("Givenname", "128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814"),
        ("  GivenName  ", "128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814"),
        ("Familyname", "77762c287e61ce065bee5c15464012c6fbe088398b8057627d5577249430d574"),
    ],
)
def test_a_name_has_the_published_hash(given: str, digest: str) -> None:
    """Source: googleads/data-manager-python, ``tests/formatter_test.py``."""
    assert Hashed(person_name)(given, hints()) == digest


@pytest.mark.parametrize("given", [" us", " uS ", "United States"])
def test_a_country_in_upper_case_is_composed(given: str) -> None:
    """Source: googleads/data-manager-python, ``tests/formatter_test.py``."""
    assert then(country, str.upper)(given.strip(), hints()) == "US"


@pytest.mark.parametrize(
    ("normalize", "given", "expected"),
    [
        (city, "São Paulo", "sãopaulo"),
        (city, "Köln", "köln"),
        (state, "California", "ca"),
        (birth_date, "1997-02-16", "19970216"),
        (one_letter("fmn"), "Non-binary", "n"),
        (one_letter("fm"), "Woman", "f"),
    ],
)
def test_places_dates_and_letters(normalize: TextNormalizer, given: str, expected: str) -> None:
    """Source: pinterest/api-description, ``v5/openapi.json``: ``ct``, ``st``, ``db``, ``ge``."""
    assert normalize(given, hints(country="us")) == expected


def test_a_letter_that_the_vendor_does_not_accept_is_unusable() -> None:
    with pytest.raises(UnusableValue, match="f, female, woman, m, male, man"):
        one_letter("fm")("n", hints())


def test_a_digest_is_passed_on_in_lower_case_and_not_hashed_again() -> None:
    digest = sha256(b"jane@example.com").hexdigest()
    assert already_hashed(digest.upper()) == digest
    assert Hashed(email)(digest.upper(), hints()) == digest


@pytest.mark.parametrize("text", ["jane@example.com", "g" * 64, "a" * 63])
def test_other_texts_are_not_a_digest(text: str) -> None:
    assert already_hashed(text) is None


def test_a_vendors_suffix_counts_only_where_its_pattern_says_so() -> None:
    digest = sha256(b"jane@example.com").hexdigest()
    with_suffix = f"{digest}.AQIAAQEB"
    assert already_hashed(with_suffix) is None
    assert DIGEST.fullmatch(with_suffix) is None
