"""Normalizers. Hashes come from Meta, Customer Information Parameters, unless a test names another source."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from properties.catalog.customer_data.cleaning import Hints, UnusableValue, clean
from properties.catalog.customer_data.hashing import HASH_OF_NOTHING

from ..normalize import NORMALIZERS

RECEIVED_AT = 1_700_000_000.0
HASHED = (
    "email",
    "phone",
    "name",
    "birth_date",
    "gender",
    "city",
    "state",
    "postcode",
    "country",
    "lower_case",
)
EMAIL_HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
DIGEST = re.compile(r"[0-9a-f]{64}(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?")


def hints(**more: str) -> Hints:
    return Hints(RECEIVED_AT, **more)


def normalized(name: str, value: object, **more: str) -> object:
    return NORMALIZERS[name](value, hints(**more))


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("email", "John_Smith@gmail.com", EMAIL_HASH),
        ("phone", "1(650)555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("name", "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        ("name", "정", "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        ("name", "Valéry", "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
        ("birth_date", "2/16/1997", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        ("country", "United States", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
    ],
)
def test_documented_examples_give_the_documented_hashes(name: str, value: str, expected: str) -> None:
    assert normalized(name, value) == expected


def test_a_us_phone_without_country_code_is_completed_with_the_default_country() -> None:
    expected = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"

    assert normalized("phone", "(650)555-1212", default_country="us") == expected


# Meta's rule per field, and ours where Meta has none.
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("email", "  John_Smith@gmail.com\n", "john_smith@gmail.com"),
        ("email", "first.last+tag@Example.CO.uk", "first.last+tag@example.co.uk"),
        ("email", "jörg@bücher.example", "jörg@bücher.example"),
        ("phone", "+49 (0)30 / 1234-567", "49301234567"),
        ("phone", "0049 30 1234567", "49301234567"),
        ("phone", "٠٠٤٩٣٠١٢٣٤٥٦٧", "49301234567"),
        ("phone", 16505551212, "16505551212"),
        ("phone", 16505551212.0, "16505551212"),
        ("name", " O'Brien-Smith ", "obriensmith"),
        ("name", "Jean Luc", "jeanluc"),
        ("name", "José“Pepe”", "josépepe"),
        ("name", "Zoe\u0308", "zoë"),
        ("name", "Anna\u200b", "anna"),
        ("birth_date", "1990-01-02", "19900102"),
        ("birth_date", "1990-01-02T23:59:00+02:00", "19900102"),
        ("birth_date", "1990/1/2", "19900102"),
        ("birth_date", "19970216", "19970216"),
        ("birth_date", 19970216, "19970216"),
        ("birth_date", "16.02.1997", "19970216"),
        ("birth_date", "02161997", "19970216"),
        ("birth_date", "5/5/1990", "19900505"),
        ("gender", "Female", "f"),
        ("gender", " M ", "m"),
        ("gender", "woman", "f"),
        ("gender", "man", "m"),
        ("city", "New York", "newyork"),
        ("city", "St. John's", "stjohns"),
        ("city", "München", "münchen"),
        ("state", "AZ", "az"),
        ("state", "Bayern", "bayern"),
        ("state", "New South Wales", "newsouthwales"),
        ("postcode", "M1 1AE", "m11ae"),
        ("postcode", "94025-1234", "94025"),
        ("postcode", "00-950", "00950"),
        ("postcode", 94025, "94025"),
        ("country", "US", "us"),
        ("country", "usa", "us"),
        ("country", "DEU", "de"),
        ("country", "UK", "gb"),
        ("country", "Germany", "de"),
        ("country", "Türkiye", "tr"),
        ("country", "Turkey", "tr"),
        ("country", "Côte d'Ivoire", "ci"),
        ("country", "The Netherlands", "nl"),
        ("country", "Hong Kong", "hk"),
    ],
)
def test_a_value_is_brought_to_metas_form_before_it_is_hashed(
    name: str, value: object, expected: str
) -> None:
    assert normalized(name, value) == digest(expected)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("state", "California", "ca"),
        ("state", "new york", "ny"),
        ("state", "US-CA", "ca"),
        ("state", "Calif.", "calif"),
        ("postcode", "94025 1234", "94025"),
        ("postcode", "940251234", "94025"),
        ("postcode", "K1A 0B1", "k1a0b1"),
    ],
)
def test_states_and_zips_of_the_us_follow_the_country(name: str, value: str, expected: str) -> None:
    assert normalized(name, value, country="us") == digest(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("030 1234567", "49301234567"), ("+1 650 555 1212", "16505551212"), ("4930 1234567", "49301234567")],
)
def test_a_phone_with_its_own_country_code_keeps_it(value: str, expected: str) -> None:
    assert normalized("phone", value, default_country="de") == digest(expected)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("email", "john", "no_email"),
        ("email", "a@b@c.example", "no_email"),
        ("email", "john smith@example.com", "no_email"),
        ("email", "john@example", "no_email"),
        ("email", "@shop.example", "no_email"),
        ("email", True, "not_text"),
        ("email", {"address": "john@example.com"}, "not_text"),
        ("phone", "12345", "phone_length"),
        ("phone", "+1234567890123456", "phone_length"),
        ("phone", "unknown", "phone_length"),
        ("name", "...", "nothing_left"),
        ("city", "—", "nothing_left"),
        ("postcode", "--", "nothing_left"),
        ("birth_date", "3/4/1990", "ambiguous_date"),
        ("birth_date", "1990-02-30", "no_date"),
        ("birth_date", "1899-12-31", "no_date"),
        ("birth_date", "2050-01-01", "no_date"),
        ("birth_date", "16/02/97", "no_date"),
        ("birth_date", "yesterday", "no_date"),
        ("gender", "divers", "no_gender"),
        ("country", "Atlantis", "no_country"),
        ("country", "XX", "no_country"),
        ("country", "EU", "no_country"),
        ("name", "d41d8cd98f00b204e9800998ecf8427e", "not_sha256"),
        ("email", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "not_sha256"),
        ("email", HASH_OF_NOTHING, "hash_of_nothing"),
    ],
)
def test_a_value_that_cannot_have_the_form_is_unusable(name: str, value: object, code: str) -> None:
    with pytest.raises(UnusableValue) as raised:
        normalized(name, value)

    assert raised.value.code == code
    assert str(value) not in str(raised.value)


@pytest.mark.parametrize(("order", "expected"), [("dmy", "19900403"), ("mdy", "19900304")])
def test_an_open_order_of_day_and_month_is_read_as_configured(order: str, expected: str) -> None:
    assert normalized("birth_date", "3/4/1990", date_order=order) == digest(expected)


@pytest.mark.parametrize("value", ["", "   ", "\u200b"])
@pytest.mark.parametrize("name", HASHED)
def test_nothing_is_never_hashed(name: str, value: str) -> None:
    assert normalized(name, value) is None


@pytest.mark.parametrize("suffix", ["", ".Ag", ".AQIAAQEB"])
def test_a_sha256_passes_in_lower_case_with_the_suffix_of_the_parameter_builder(suffix: str) -> None:
    # Source: Meta, Parameter Builder Library.
    assert normalized("email", f" {EMAIL_HASH.upper()}{suffix} ") == EMAIL_HASH + suffix


def test_sixty_four_characters_that_are_not_hex_are_not_a_hash() -> None:
    name = "z" * 64

    assert normalized("name", name) == digest(name)


def test_lists_are_normalized_member_by_member() -> None:
    given_hints = hints()

    result = NORMALIZERS["email"](
        ["John_Smith@gmail.com", "nothing", None, "", EMAIL_HASH, "b@c.de"], given_hints
    )

    assert result == [EMAIL_HASH, digest("b@c.de")]
    assert [warning.code for warning in given_hints.warnings] == ["no_email"]


@pytest.mark.parametrize("value", ["030 1234567", "6505551212"])
def test_a_phone_without_country_code_is_sent_with_a_warning(value: str) -> None:
    given_hints = hints()

    assert NORMALIZERS["phone"](value, given_hints) == digest(value.replace(" ", "").lstrip("0"))
    assert [warning.code for warning in given_hints.warnings] == ["no_country_code"]


@pytest.mark.parametrize("value", ["+4512345678", "0045 12345678", "16505551212", "4532123456"])
def test_a_phone_with_country_code_gives_no_warning(value: str) -> None:
    given_hints = hints()
    NORMALIZERS["phone"](value, given_hints)

    assert given_hints.warnings == []


def test_an_external_id_is_trimmed_and_hashed_and_keeps_its_letter_case() -> None:
    assert normalized("external_id", " User-7 ") == digest("User-7")


def test_an_external_id_of_32_hex_digits_is_an_id_like_any_other() -> None:
    identifier = "9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d"

    assert normalized("external_id", identifier) == digest(identifier)


def test_an_external_id_is_sent_plain_where_that_is_configured() -> None:
    plain = Hints(RECEIVED_AT, plain_external_id=True)

    assert NORMALIZERS["external_id"](["a", 7, "a"], plain) == ["a", "7"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 2001:db8::1 ", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("198.51.100.1", "198.51.100.1"),
    ],
)
def test_a_public_address_is_sent(value: str, expected: str) -> None:
    assert normalized("client_ip", value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("10.1.2.3", "172.31.0.1", "192.168.1.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "224.0.0.1"),
        *("::", "::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "0.0.0.0"),  # noqa: S104
    ],
)
def test_a_private_address_is_left_out(value: str) -> None:
    with pytest.raises(UnusableValue) as raised:
        normalized("client_ip", value)

    assert raised.value.code == "private_ip_address"


@pytest.mark.parametrize("value", ["1.2.3", "localhost", "1.2.3, localhost", ["1.2.3"], "1.2.3.4.5"])
def test_a_value_that_is_not_an_address_is_left_out(value: object) -> None:
    with pytest.raises(UnusableValue):
        normalized("client_ip", value)


# Source: Meta, fbp and fbc Parameters.
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fbc", "fb.1.1554763741205.AbCdEfGhIjKlMnOpQrStUvWxYz1234567890"),
        ("fbc", "fb.1.1554763741205.AbCd-_.AQIAAQEB"),
        ("fbp", "fb.1.1596403881668.1116446470"),
        ("fbp", "fb.0.1596403881668.1116446470.Ag"),
    ],
)
def test_click_and_browser_ids_pass_unchanged(name: str, value: str) -> None:
    a_day_after = Hints(int(value.split(".")[2]) / 1000 + 86_400)

    assert NORMALIZERS[name](value, a_day_after) == value


# Source: Meta, fbp and fbc Parameters: the cookies live 90 days; an old click is refused (observed).
@pytest.mark.parametrize("unit", [1, 1000])
def test_a_click_of_more_than_ninety_days_ago_is_left_out(unit: int) -> None:
    made = 1_600_000_000
    value = f"fb.1.{made * unit}.AbCd"

    assert NORMALIZERS["fbc"](value, Hints(made + 90 * 86_400)) == value
    with pytest.raises(UnusableValue, match="90 days"):
        NORMALIZERS["fbc"](value, Hints(made + 90 * 86_400 + 1))


def test_a_browser_id_may_have_any_age_because_the_pixel_renews_its_cookie() -> None:
    value = "fb.1.1596403881668.1116446470"

    assert NORMALIZERS["fbp"](value, Hints(1_596_403_881 + 400 * 86_400)) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [("fbc", "AbCdEf"), ("fbc", "fb.1.x.AbC"), ("fbp", "fb.1.1596403881668.abc"), ("fbp", EMAIL_HASH)],
)
def test_a_value_that_is_not_a_click_or_browser_id_is_left_out(name: str, value: str) -> None:
    with pytest.raises(UnusableValue):
        normalized(name, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("123456789012345", 123456789012345), (12345678901234567, 12345678901234567)],
)
def test_a_lead_id_is_sent_as_an_exact_number(value: object, expected: int) -> None:
    # Source: Meta, Conversions API for CRM: 15 to 17 digits.
    assert normalized("lead_id", value) == expected


@pytest.mark.parametrize("value", ["12345", "l:123456789012345", 1.2345678901234567e17, True])
def test_a_value_that_is_not_a_lead_id_is_left_out(value: object) -> None:
    with pytest.raises(UnusableValue):
        normalized("lead_id", value)


@pytest.mark.parametrize("name", ["plain", "user_agent"])
def test_a_hashed_value_is_left_out_where_meta_wants_it_plain(name: str) -> None:
    with pytest.raises(UnusableValue) as raised:
        normalized(name, EMAIL_HASH)

    assert raised.value.code == "must_not_be_hashed"


ANY_VALUE = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.one_of(st.text(), st.integers(), st.none()), max_size=4),
)


@given(name=st.sampled_from(HASHED), value=ANY_VALUE, country=st.sampled_from(["", "us", "de"]))
def test_a_hashed_parameter_is_hex_or_nothing_and_never_the_hash_of_nothing(
    name: str, value: object, country: str
) -> None:
    try:
        result = NORMALIZERS[name](value, hints(country=country, default_country=country))
    except UnusableValue:
        return
    for member in result if isinstance(result, list) else [result]:
        assert result is None or DIGEST.fullmatch(member)
        assert member != HASH_OF_NOTHING
    assert result != []


@given(name=st.sampled_from((*HASHED, "external_id")), value=st.text())
def test_hashing_again_changes_nothing(name: str, value: str) -> None:
    try:
        result = NORMALIZERS[name](value, hints())
    except UnusableValue:
        return
    if result is not None:
        assert NORMALIZERS[name](result, hints()) == result


@given(value=st.text(), blanks=st.sampled_from(["", " ", "\n", "\u200b", "\ufeff", "\u00a0"]))
def test_outer_blanks_and_invisible_characters_change_no_hash(value: str, blanks: str) -> None:
    assert clean(blanks + value + blanks) == clean(value)


# Letters that change length or form in lower case, that combine, or that only look like ASCII.
LETTERS = st.sampled_from("aZäÖéßẞİıK\u212a\u0130\u0301\u0308\u1100\u1161ªﬁ李ب٣ -'.@\u00a0\x1f\n")
USUAL = st.one_of(
    st.from_regex(r"\A(\+?[A-Za-z0-9._%@+-]{1,40})\Z"),
    st.from_regex(r"\A ?[A-Za-z0-9._+-]{1,20}@[A-Za-z0-9.@-]{1,20} ?\Z"),
    st.from_regex(r"\A(19|20)[0-9]{2}-?[0-9]{2}-?[0-9]{2}\Z"),
    st.from_regex(r"\A\+[0-9 ().-]{5,22}\Z"),
    st.from_regex(r"\A[0-9A-Za-z]{3,5}[ -]?[0-9A-Za-z]{3,4}\Z"),
    st.text(LETTERS, max_size=12),
)


@settings(max_examples=1000)
@given(value=USUAL, name=st.sampled_from(HASHED))
def test_the_short_function_returns_the_same_as_the_normalizer(value: str, name: str) -> None:
    # A zero-width character changes nothing, but keeps the value away from the short function.
    results = []
    for spelling in (value, value + "\u200b"):
        try:
            results.append(NORMALIZERS[name](spelling, hints()))
        except UnusableValue as error:
            results.append(error.code)
    assert results[0] == results[1]


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e300])
@pytest.mark.parametrize("name", ["amount", "number", "integer", "text", "email", "digits_id"])
def test_a_number_of_absurd_size_is_left_out(name: str, value: float) -> None:
    with pytest.raises(UnusableValue):
        normalized(name, value)
