"""The form in which a value of customer data arrived."""

from __future__ import annotations

from hashlib import sha256

import pytest

from ..facts import Form, Kind, forms_of

# Meta, Customer Information Parameters, sample hash of "em"; SHA-256 of nothing, FIPS 180-4.
JOHN_HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("value", "kind", "form"),
    [
        ("John_Smith@gmail.com", "email", "plain"),
        (" +1 (650) 555-1212 ", "phone", "plain"),
        (16505551212, "phone", "plain"),
        (JOHN_HASH, "email", "hashed"),
        (JOHN_HASH.upper(), "email", "hashed"),
        (NOTHING, "phone", "nothing"),
        (hashed("null"), "email", "constant"),
        (hashed("Undefined"), "own_id", "constant"),
        ("test@example.com", "email", "constant"),
        ("guest", "own_id", "constant"),
        ("undefined", "name", "constant"),
        (MD5, "email", "other_hash"),
        (MD5, "own_id", "plain"),
        ("mary@shop.example", "phone", "like_email"),
        ("mary@shop.example", "name", "like_email"),
        ("+1 650 555 1212", "email", "like_phone"),
        ("+16505551212", "place", "like_phone"),
        ("1990-02-16", "gender", "like_date"),
        ("2/16/1997", "phone", "like_date"),
        ("https://shop.example/", "name", "like_url"),
    ],
)
def test_a_value_has_a_form(value: object, kind: Kind, form: Form) -> None:
    assert list(forms_of(value, kind)) == [form]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        # Surnames and places that people have.
        ("Test", "name"),
        ("Guest", "name"),
        ("Null Island", "place"),
        # Numbers that are no phones.
        ("94025-1234", "postcode"),
        ("1000-201", "postcode"),
        ("19970216", "birth_date"),
        ("2/16/1997", "birth_date"),
        ("f", "gender"),
        # Ids of one's own may look like anything.
        ("1990-02-16", "own_id"),
        ("16505551212", "own_id"),
        ("mary@shop.example", "own_id"),
    ],
)
def test_an_honest_value_is_plain(value: str, kind: Kind) -> None:
    assert list(forms_of(value, kind)) == ["plain"]


def test_each_member_of_a_list_counts_and_empty_ones_do_not() -> None:
    assert list(forms_of(["mary@shop.example", JOHN_HASH, "", None, {}], "email")) == ["plain", "hashed"]
    assert list(forms_of("  ", "email")) == []
