"""What an action tells about the form of its customer data: never a value, and a digest only to compare."""

from __future__ import annotations

from dataclasses import asdict

from ..customer_facts import customer_facts
from ..extension import send_event

JOHN = "John_Smith@gmail.com"
# Meta, Customer Information Parameters, sample hash of "em".
JOHN_HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


def test_a_plain_value_is_told_with_the_hash_that_leaves() -> None:
    [fact] = customer_facts({"email": JOHN}, {"user_data": {"em": JOHN_HASH}})
    assert (fact.path, fact.label, fact.form) == ("email", "Email", "plain")
    assert (fact.role, fact.digest) == ("email", JOHN_HASH)
    assert send_event.customer_facts is customer_facts


def test_a_suffix_of_the_parameter_builder_does_not_make_another_value() -> None:
    """Source: Meta, Parameter Builder Library."""
    with_suffix = f"{JOHN_HASH}.AQYBAQIA"
    [fact] = customer_facts({"email": with_suffix}, {"user_data": {"em": with_suffix}})
    assert (fact.form, fact.digest) == ("hashed", JOHN_HASH)


def test_no_fact_holds_the_value_of_a_person() -> None:
    settings = {"email": JOHN, "phone": "+1 650 555 1212", "firstName": "John", "city": "Menlo Park"}
    facts = [asdict(it) for it in customer_facts(settings, {"user_data": {"em": JOHN_HASH}})]
    assert [it["path"] for it in facts] == ["email", "phone", "firstName", "city"]
    said = repr(facts)
    assert not any(value in said for value in (JOHN, "650", "Menlo"))


def test_several_values_are_counted_but_not_compared() -> None:
    facts = list(
        customer_facts({"email": [JOHN, "b@c.example"]}, {"user_data": {"em": ["1" * 64, "2" * 64]}})
    )
    assert [(it.form, it.role) for it in facts] == [("plain", ""), ("plain", "")]


def test_the_browser_id_tells_visitors_apart() -> None:
    browser = "fb.1.1596403881668.1116446470"
    [fact] = customer_facts({}, {"user_data": {"fbp": browser}})
    assert (fact.form, fact.role, fact.digest) == ("", "visitor", browser)


def test_an_event_that_was_not_built_is_told_without_digests() -> None:
    [fact] = customer_facts({"phone": JOHN}, {})
    assert (fact.form, fact.role, fact.digest) == ("like_email", "", "")
