"""Each fault is found in planted traffic, and honest traffic has none."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from properties.models import Environment, Property
from rules.delivery.customer_sightings import KEPT_DAYS, fingerprint, forget_sightings, hour_of
from rules.delivery.work import deliver_due
from rules.event_log.tests.conftest import FakeMeta
from rules.hash_consistency.faults import DataFault, faults_of
from rules.hash_consistency.streams import prints_of, streams_of
from rules.models import CustomerDataCount, CustomerPrint, InboundEvent
from tests.pages import page_text, page_words
from tests.people import signed_in

from .conftest import Send, browser_of, hashed

# Meta, Customer Information Parameters, sample hash of "em"; SHA-256 of nothing, FIPS 180-4.
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
PEOPLE = [{"email": f"person{n}@mail.example", "phone": f"+1650555{n:04}", "id": f"c-{n}"} for n in range(40)]


def found(environment: Environment) -> dict[str, DataFault]:
    faults = faults_of(streams_of(environment, timezone.now()), prints_of(environment))
    assert len({it.kind for it in faults}) == len(faults)
    return {it.kind: it for it in faults}


def test_honest_traffic_of_both_sides_has_no_fault(send: Send, production: Environment) -> None:
    with_browsers = [{**it, "fbp": browser_of(n), "gender": "f"} for n, it in enumerate(PEOPLE)]
    send(*with_browsers, from_browser=True)
    # The server hashes the same values in Meta's form.
    send(*({**it, "email": hashed(it["email"]), "phone": hashed(it["phone"][1:])} for it in with_browsers))
    assert found(production) == {}


def test_a_source_that_mixes_plain_and_hashed_values(send: Send, production: Environment) -> None:
    send(*PEOPLE[:9], *({"email": hashed(it["email"])} for it in PEOPLE[9:12]))
    fault = found(production)["mixed"]
    assert (fault.key.path, fault.key.source, fault.key.side) == ("email", "Email", "server")
    assert (fault.count, fault.total, fault.share) == (3, 12, 25)
    assert PEOPLE[9]["email"] not in (event := InboundEvent.objects.get(pk=fault.event_id)).body
    assert any(hashed(it["email"]) in event.body for it in PEOPLE[9:12])


def test_browser_and_server_may_each_have_a_form(send: Send, production: Environment) -> None:
    send(*PEOPLE[:5], from_browser=True)
    send(*({"email": hashed(it["email"])} for it in PEOPLE[:5]))
    assert "mixed" not in found(production)


def test_hashes_of_hashes(send: Send, production: Environment) -> None:
    send(*({"email": it["email"]} for it in PEOPLE[:6]), from_browser=True)
    send(*({"email": hashed(hashed(it["email"]))} for it in PEOPLE[:4]))
    fault = found(production)["twice"]
    assert (fault.key.path, fault.key.side, fault.count, fault.total) == ("email", "server", 4, 4)


def test_one_hash_of_nothing_is_enough(send: Send, production: Environment) -> None:
    send(*PEOPLE[:9], {"email": "b@c.example", "phone": NOTHING})
    fault = found(production)["nothing"]
    assert (fault.key.path, fault.count, fault.total) == ("phone", 1, 10)


def test_hashes_of_a_word(send: Send, production: Environment) -> None:
    send(*({**it, "id": hashed("null")} for it in PEOPLE[:3]), *PEOPLE[3:6])
    fault = found(production)["constant"]
    assert (fault.key.path, fault.count, fault.total) == ("externalId", 3, 6)


def test_one_value_for_many_visitors(send: Send, production: Environment) -> None:
    send(*({**it, "id": "shop-7", "fbp": browser_of(n)} for n, it in enumerate(PEOPLE[:10])))
    assert "repeated" not in found(production)
    send(*({**it, "fbp": browser_of(n)} for n, it in enumerate(PEOPLE[10:], 10)))
    fault = found(production)["repeated"]
    assert (fault.key.path, fault.count, fault.total) == ("externalId", 10, 40)


def test_one_person_who_buys_much_is_no_fault(send: Send, production: Environment) -> None:
    send(*({**PEOPLE[0], "fbp": browser_of(1)} for _ in range(20)))
    send(*({**it, "fbp": browser_of(n)} for n, it in enumerate(PEOPLE[1:], 2)))
    assert found(production) == {}


def test_hashes_of_another_kind(send: Send, production: Environment) -> None:
    # The MD5 of nothing, RFC 1321.
    send(*({**it, "email": "d41d8cd98f00b204e9800998ecf8427e"} for it in PEOPLE[:3]))
    assert found(production)["other_hash"].key.path == "email"


@pytest.mark.parametrize(
    ("field", "value", "kind", "path"),
    [
        ("phone", "mary@shop.example", "like_email", "phone"),
        ("email", "+1 650 555 1212", "like_phone", "email"),
        ("gender", "1990-02-16", "like_date", "gender"),
        ("gender", "https://shop.example/", "like_url", "gender"),
    ],
)
def test_values_that_look_like_another_field(
    send: Send, production: Environment, field: str, value: str, kind: str, path: str
) -> None:
    send(*({**it, field: value} for it in PEOPLE[:3]), *PEOPLE[3:5])
    fault = found(production)[kind]
    assert (fault.key.path, fault.count) == (path, 3)


def test_a_hashed_email_in_the_phone(send: Send, production: Environment) -> None:
    send(*({**it, "phone": hashed(it["email"])} for it in PEOPLE[:3]))
    fault = found(production)["same"]
    assert (fault.key.path, fault.count) == ("phone", 3)


def test_ids_that_differ_between_browser_and_server(send: Send, production: Environment) -> None:
    """Source: Meta, Customer Information Parameters, "external_id": the same in all channels."""
    send(*({"email": it["email"], "id": it["id"]} for it in PEOPLE[:6]), from_browser=True)
    send(*({"email": it["email"], "id": f"CRM-{it['id']}"} for it in PEOPLE[:4]))
    send(*({"email": it["email"], "id": it["id"]} for it in PEOPLE[4:6]))
    fault = found(production)["differs"]
    assert (fault.key.path, fault.count, fault.total, fault.unit) == ("externalId", 4, 6, "people")


def test_nothing_stored_or_logged_holds_a_value_or_its_hash(
    send: Send, production: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        send(*PEOPLE[:3], from_browser=True)
    stored = repr([*CustomerDataCount.objects.values_list(), *CustomerPrint.objects.values_list()])
    for person in PEOPLE[:3]:
        for text in (person["email"], person["phone"][1:], person["id"], hashed(person["email"])):
            assert text not in stored + caplog.text
    assert CustomerPrint.objects.count() == 9


def test_a_fingerprint_needs_the_key_of_the_installation(settings: Any, prop: Property) -> None:
    before = fingerprint(prop.pk, "a")
    assert fingerprint(prop.pk + 1, "a") != before
    settings.SECRET_KEY = "another"
    assert fingerprint(prop.pk, "a") != before


def test_under_load_only_some_events_are_looked_at(
    send: Send, production: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rules.delivery.customer_sightings.EVENTS_A_SECOND", 0)
    send(*PEOPLE)
    assert not CustomerDataCount.objects.exists()


def test_a_process_writes_so_many_fingerprints_an_hour(
    send: Send, production: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rules.delivery.customer_sightings.PRINTED_AN_HOUR", 2)
    send(*PEOPLE[:5])
    assert CustomerPrint.objects.values("event_id").distinct().count() == 2
    assert sum(CustomerDataCount.objects.filter(path="email").values_list("count", flat=True)) == 5


def test_a_package_that_fails_costs_only_its_counts(
    send: Send, production: Environment, meta: FakeMeta, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(run: Any) -> None:
        raise ValueError(PEOPLE[0]["email"])

    monkeypatch.setattr("properties.extensions.meta_conversions_api.customer_facts.forms_of", broken)
    send(PEOPLE[0])
    assert InboundEvent.objects.get().state == "delivered"
    assert "ended with TypeError" in caplog.text
    assert PEOPLE[0]["email"] not in caplog.text


def test_counts_live_as_long_as_the_events_that_they_name(send: Send, production: Environment) -> None:
    send(*PEOPLE[:3])
    CustomerDataCount.objects.filter(path="phone").update(hour=hour_of(timezone.now()) - KEPT_DAYS * 24 - 1)
    CustomerPrint.objects.update(hour=hour_of(timezone.now()) - KEPT_DAYS * 24 - 1)
    forget_sightings(timezone.now())
    assert not CustomerPrint.objects.exists()
    assert set(CustomerDataCount.objects.values_list("path", flat=True)) == {"email", "externalId"}


def test_the_counts_go_with_their_property(send: Send, prop: Property) -> None:
    send(*PEOPLE[:3])
    prop.delete()
    assert not CustomerDataCount.objects.exists()
    assert not CustomerPrint.objects.exists()


# The page


def page(client: Any, prop: Property, env: str = "prod") -> Any:
    answer = client.get(reverse("rules:customer_data", args=[prop.uid]), {"env": env})
    assert answer.status_code == 200
    return answer


def test_the_page_says_what_comes_before_there_is_anything(owner_client: Any, prop: Property) -> None:
    words = page_words(page(owner_client, prop, "dev"))
    assert "No customer data of Development yet." in words
    assert "Send a test event" in words


def test_the_page_of_honest_traffic_shows_how_it_arrives(
    owner_client: Any, prop: Property, send: Send
) -> None:
    send(*PEOPLE[:4], from_browser=True)
    answer = page(owner_client, prop)
    words = page_words(answer)
    assert "The customer data of Production is consistent." in words
    assert "Email Email Purchase browsers 4 100 % 0 % 0 %" in words
    assert 'data-testid="faults"' not in page_text(answer)


def test_a_fault_names_the_field_the_share_an_event_and_what_to_change(
    owner_client: Any, prop: Property, send: Send
) -> None:
    send(
        *({**it, "phone": it["email"]} for it in PEOPLE[:1]),
        *({**it, "phone": NOTHING} for it in PEOPLE[1:4]),
    )
    answer = page(owner_client, prop)
    words, text = page_words(answer), page_text(answer)
    assert "1 fault in the customer data of Production." in words
    assert "Phone is the hash of nothing" in words
    assert "Read from Phone, in Purchase, sent by servers." in words
    assert "75 % 3 of 4 values" in words
    event = InboundEvent.objects.order_by("-id").first()
    assert event is not None
    assert reverse("rules:event_detail", args=[prop.uid, event.pk]) in text
    action = prop.rules.get().components.get(kind="actions")
    assert f"{reverse('rules:component_edit', args=[prop.uid, action.rule.uid, action.uid])}#id_phone" in text
    assert PEOPLE[0]["email"] not in text


def test_an_action_that_is_gone_leaves_its_counts_without_links(
    owner_client: Any, prop: Property, send: Send
) -> None:
    send(*({**it, "phone": NOTHING} for it in PEOPLE[:3]))
    prop.rules.get().components.get(kind="actions").delete()
    text = page_text(page(owner_client, prop))
    assert "phone is the hash of nothing" in text
    assert "#id_phone" not in text


def test_the_page_takes_the_same_queries_for_many_faults(
    olivia: Any, owner_client: Any, prop: Property, send: Send, django_assert_max_num_queries: Any
) -> None:
    from django.test.utils import CaptureQueriesContext

    client = signed_in(olivia)
    send(PEOPLE[0])
    page(client, prop)
    with CaptureQueriesContext(connection) as few:
        page(client, prop)
    send(*({**it, "phone": NOTHING, "gender": "1990-01-02", "id": hashed("null")} for it in PEOPLE))
    with CaptureQueriesContext(connection) as many:
        page(client, prop)
    assert abs(len(many) - len(few)) <= 1


def test_delivering_costs_two_more_statements_whatever_the_number_of_events(
    send: Send, production: Environment
) -> None:
    from django.test.utils import CaptureQueriesContext

    send(PEOPLE[0])
    with CaptureQueriesContext(connection) as captured:
        send(*PEOPLE[:20])
    tables = [it["sql"] for it in captured if "customer" in it["sql"] and "INSERT" in it["sql"]]
    assert 2 <= len(tables) <= 4
    assert deliver_due() == 0
