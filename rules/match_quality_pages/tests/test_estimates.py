"""The estimate where people see it: advice by worth, the preview of an action, the event log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from properties.models import Environment, Property
from rules.match_quality.asking import read_now, store
from rules.match_quality.offers import offers
from rules.models import Delivery, InboundEvent, MatchQualityAnswers, MatchQualityReading
from tests.event_ids import next_event_id
from tests.pages import page_words

from .conftest import Vendor

SEND = "meta-conversions-api::actions::send-conversions-api-event"
WORTH = {"email": 2.0, "phone": 3.0, "ip_address": 1.0}


@pytest.fixture
def scores(prop: Property, production: Environment) -> None:
    """Days of scores that follow from the shares of the keys."""
    now, [offer] = timezone.now(), offers(prop)
    for day in range(12):
        shares = {"email": 0.1 * (day % 7), "phone": 0.09 * (day % 5), "ip_address": 0.2 * (day % 3)}
        score = 2 + sum(WORTH[key] * share for key, share in shares.items())
        MatchQualityReading.objects.create(
            environment=production,
            package_name=offer.package.name,
            destination="1234567890",
            day=(now - timedelta(days=day + 1)).date(),
            read_at=now,
            figures={"Purchase": {"score": score, "shares": shares}},
        )
    store(offer, production, [], now)


def sent(prop: Property, environment: Environment, number: int, **user: str) -> InboundEvent:
    """An event that was delivered with the customer's email."""
    now, rule = timezone.now(), prop.rules.get()
    place = {"property_id": prop.pk, "environment_id": environment.pk}
    body = {"xdm": {}, "data": {"name": "Purchase", "user": {"email": "a@b.example", **user}}}
    event = InboundEvent.objects.create(
        id=next_event_id(),
        datastream_id=environment.datastream.pk,
        received_at=now,
        body=json.dumps(body),
        request='{"header": {"httpHeaders": {}}}',
        state="delivered",
        done_at=now,
        **place,
    )
    payload = {"event_name": "Purchase", "user_data": {"em": ["62a1"], "client_ip_address": "192.0.2.7"}}
    Delivery.objects.create(
        event_id=event.pk,
        rule_uid=rule.uid,
        rule_name=rule.name,
        component_uid=rule.components.get(kind="actions").uid,
        delegate=SEND,
        destination="1234567890",
        name="Purchase",
        payload=json.dumps(payload),
        state="delivered",
        created_at=now,
        **place,
    )
    return event


@pytest.fixture
def purchases(prop: Property, production: Environment) -> list[InboundEvent]:
    """Seven purchases, three of them with a phone number that no rule sends."""
    return [
        sent(prop, production, number, **({"phone": "+46701234567"} if number < 3 else {}))
        for number in range(7)
    ]


def number_after(words: str, found: str) -> float:
    return float(found.partition(words)[2].split(" ")[0])


def advice(client: Any, prop: Property) -> str:
    address = reverse("rules:match_quality_advice", args=[prop.uid], query={"env": "prod"})
    return page_words(client.get(address))


@pytest.mark.usefixtures("scores", "purchases")
def test_a_key_in_the_data_that_no_rule_sends_is_named_with_its_share_and_worth(
    owner_client: Any, prop: Property
) -> None:
    found = advice(owner_client, prop)
    assert "Phone is in 43 % of your Purchase events’ data but no rule sends it." in found
    assert "Found at data.user.phone" in found
    # Three of seven events more have it, and it is worth three points.
    assert number_after("Adding it: about +", found) == pytest.approx(3 / 7 * WORTH["phone"], abs=0.2)
    assert "(estimate). Found at" in found
    assert "Email is in" not in found


@pytest.mark.usefixtures("scores", "purchases")
def test_advice_leads_to_the_field_that_sends_the_key(owner_client: Any, prop: Property) -> None:
    component = prop.rules.get().components.get(kind="actions")
    page = reverse("rules:component_edit", args=[prop.uid, component.rule.uid, component.uid])
    address = reverse("rules:match_quality_advice", args=[prop.uid], query={"env": "prod"})
    assert f'href="{page}#id_phone"' in owner_client.get(address).content.decode()
    assert 'id="id_phone"' in owner_client.get(page).content.decode()


@pytest.mark.usefixtures("scores", "purchases")
def test_each_rule_has_an_estimate_with_its_error(owner_client: Any, prop: Property) -> None:
    found = advice(owner_client, prop)
    assert "Estimate, learned from 12 different scores of Meta." in found
    assert "Estimate by rule" in found
    # The base is 2, and all events have two keys.
    expected = 2 + WORTH["email"] + WORTH["ip_address"]
    assert number_after("Our estimate Purchase Purchase 7 – about ", found) == pytest.approx(
        expected, abs=0.4
    )


@pytest.mark.usefixtures("purchases")
def test_without_scores_advice_has_the_order_of_the_package_and_no_number(
    owner_client: Any, prop: Property
) -> None:
    found = advice(owner_client, prop)
    assert "No estimate yet: it needs 6 different scores of Meta to learn from; so far 0." in found
    assert "Adding it: helps a lot, not measured yet." in found
    assert "±" not in found


def test_one_answer_of_the_vendor_is_not_enough_to_learn_from(
    owner_client: Any, prop: Property, production: Environment, vendor: Vendor
) -> None:
    [offer] = offers(prop)
    assert read_now(offer, production)
    assert MatchQualityAnswers.objects.get().calibration["problem"] == "few"
    assert "so far 1." in advice(owner_client, prop)


def test_without_events_advice_says_what_to_do(owner_client: Any, prop: Property) -> None:
    assert "Production has no events yet" in advice(owner_client, prop)


@pytest.mark.usefixtures("scores")
def test_the_event_log_shows_the_estimate_of_an_event(
    owner_client: Any, prop: Property, purchases: list[InboundEvent]
) -> None:
    found = page_words(owner_client.get(reverse("rules:event_detail", args=[prop.uid, purchases[0].pk])))
    assert "(our estimate). Phone would add about +" in found
    assert "Keys that find people: Email, Client IP Address." in found


def test_the_event_log_says_why_there_is_no_estimate(
    owner_client: Any, prop: Property, purchases: list[InboundEvent]
) -> None:
    found = page_words(owner_client.get(reverse("rules:event_detail", args=[prop.uid, purchases[0].pk])))
    assert "No estimate yet" in found
    assert "(our estimate)" not in found


def preview(client: Any, prop: Property) -> str:
    rule = prop.rules.get()
    component = rule.components.get(kind="actions")
    form = client.get(reverse("rules:component_edit", args=[prop.uid, rule.uid, component.uid]))
    assert 'value="quality"' in form.content.decode()
    address = reverse("rules:preview", args=[prop.uid, rule.uid, SEND])
    event = {"xdm": {}, "data": {"name": "Purchase", "user": {"email": "john_smith@gmail.com"}}}
    data = {
        "eventName": "Purchase",
        "actionSource": "email",
        "email": "{{Email}}",
        "customData.currency": "EUR",
        "customData.value": "9.99",
        "preview-tab": "quality",
        "preview-source": "pasted",
        "preview-pasted": json.dumps(event),
    }
    return page_words(client.post(address, data))


@pytest.mark.usefixtures("scores")
def test_the_preview_of_an_action_estimates_its_event(owner_client: Any, prop: Property) -> None:
    found = preview(owner_client, prop)
    assert "our estimate" in found
    assert "Sent Email" in found
    assert "Phone adding it: about +" in found
    assert "typically off by" in found


def test_the_preview_says_why_there_is_no_estimate(owner_client: Any, prop: Property) -> None:
    found = preview(owner_client, prop)
    assert "No estimate yet" in found
    assert "Phone helps a lot, not measured yet" in found
