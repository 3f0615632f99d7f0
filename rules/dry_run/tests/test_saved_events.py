"""Saved events: without customer data, offered where events are tried."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.models import AuditEvent, Property
from rules.dry_run.samples import NoSample, sample_choices, sample_event
from rules.dry_run.saved_events import without_customer_data
from rules.event_log.tests.conftest import prop
from rules.models import InboundEvent, SavedEvent
from tests.event_ids import next_event_id

EVENT: dict[str, Any] = {
    "xdm": {
        "_id": "7",
        "timestamp": "2026-11-29T20:48:55.120Z",
        "identityMap": {"ECID": [{"id": "12345678901234567890123456789012345678"}]},
        "web": {"webPageDetails": {"URL": "https://shop.example/thanks?email=mary@shop.example"}},
        "environment": {"ipV4": "198.51.100.9"},
    },
    "data": {
        "event": "Purchase",
        "event_id": "order-10482",
        "value": 49.9,
        "currency": "EUR",
        "user": {
            "email": "mary@shop.example",
            "phone": "+46 70 123 45 67",
            "firstName": "Mary",
            "fbp": "fb.1.2.3",
        },
        "note": "call +46 70 123 45 67",
        "contents": [{"id": "sku-1", "quantity": 2}],
    },
}
PRIVATE = ("mary", "Mary", "123 45 67", "198.51.100.9", "12345678901234567890", "fb.1.2.3", "order-10482")


__all__ = ["prop"]


@pytest.fixture
def event(prop: Property) -> InboundEvent:
    environment = prop.environments.get(stage="production")
    return InboundEvent.objects.create(
        id=next_event_id(),
        property_id=prop.pk,
        environment_id=environment.pk,
        datastream_id=environment.datastream.pk,
        name="Purchase",
        received_at=timezone.now(),
        body=json.dumps(EVENT),
        request='{"header": {}}',
    )


def save(client: Client, prop: Property, received: InboundEvent, **given: str) -> Any:
    return client.post(reverse("rules:event_save", args=[prop.uid, received.pk]), given)


def test_customer_data_becomes_examples_and_the_rest_stays() -> None:
    kept = without_customer_data(EVENT)
    text = json.dumps(kept, ensure_ascii=False)
    assert [it for it in PRIVATE if it in text] == []
    assert kept["data"]["value"] == 49.9
    assert kept["data"]["currency"] == "EUR"
    assert kept["data"]["contents"] == [{"id": "sku-1", "quantity": 2}]
    assert kept["data"]["event_id"] == "test-{now}"
    assert kept["data"]["user"]["email"] == "jane.doe@example.com"
    assert kept["xdm"]["web"]["webPageDetails"]["URL"] == "https://shop.example/thanks"


def test_an_event_is_saved_and_offered_in_dry_runs(
    owner_client: Client, prop: Property, event: InboundEvent
) -> None:
    form = owner_client.get(reverse("rules:event_save", args=[prop.uid, event.pk]))
    assert [it for it in PRIVATE if it in form.context["text"]] == []
    assert AuditEvent.objects.filter(type_of="event.body_read").count() == 1
    answer = save(owner_client, prop, event, name=" Purchase in  euro ", event=form.context["text"])
    saved = SavedEvent.objects.get()
    assert answer["Location"].endswith(f"?saved={saved.uid}")
    assert saved.name == "Purchase in euro"
    assert (f"saved:{saved.uid}", "Saved: Purchase in euro") in sample_choices(prop)
    sample = sample_event(prop, f"saved:{saved.uid}").call["event"]
    assert sample["data"]["currency"] == "EUR"
    assert sample["data"]["event_id"].removeprefix("test-").isdigit()
    page = owner_client.get(answer["Location"]).content.decode()
    assert "The saved event “Purchase in euro”." in page
    assert "jane.doe@example.com" in page


def test_from_the_drawer_the_answer_closes_it(
    owner_client: Client, prop: Property, event: InboundEvent
) -> None:
    address, text = reverse("rules:event_save", args=[prop.uid, event.pk]), json.dumps(EVENT)
    part = {"Part": "drawer", "HX-Request": "true"}
    refused = owner_client.post(address, {"name": "", "event": text}, headers=part)
    assert refused.status_code == 200
    assert "Give the event a name" in refused.content.decode()
    done = owner_client.post(address, {"name": "One", "event": text}, headers=part)
    assert done["HX-Trigger-After-Swap"] == "drawer-done"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("", '{"data": {"event": "A"}}', "Give the event a name of at most 100 characters."),
        ("n" * 101, '{"data": {"event": "A"}}', "Give the event a name of at most 100 characters."),
        ("One", "{", "Line 1, column 2: this is not valid JSON"),
        ("One", "[]", "An event needs “xdm” or “data”"),
        ("Taken", '{"data": {"event": "A"}}', "Another saved event is called “Taken”. Choose another name."),
    ],
)
def test_what_cannot_be_saved_is_said_and_stays_in_the_form(
    owner_client: Client, prop: Property, event: InboundEvent, name: str, text: str, said: str
) -> None:
    prop.saved_events.create(name="Taken", data={"event": "A"})
    answer = save(owner_client, prop, event, name=name, event=text)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert answer.context["text"] == text
    assert SavedEvent.objects.count() == 1


def test_a_person_without_the_right_saves_and_deletes_nothing(
    reader_client: Client, prop: Property, event: InboundEvent
) -> None:
    saved = prop.saved_events.create(name="Mine", data={"event": "A"})
    page = reader_client.get(reverse("rules:event_save", args=[prop.uid, event.pk]))
    assert page["Location"] == reverse("rules:event_detail", args=[prop.uid, event.pk])
    assert save(reader_client, prop, event, name="One", event=json.dumps(EVENT)).status_code == 403
    delete = reverse("rules:saved_event_delete", args=[prop.uid, saved.uid])
    assert reader_client.post(delete).status_code == 403
    assert SavedEvent.objects.count() == 1


def test_a_deleted_saved_event_is_gone_everywhere(owner_client: Client, prop: Property) -> None:
    saved = prop.saved_events.create(name="Mine", data={"event": "A"})
    owner_client.post(reverse("rules:saved_event_delete", args=[prop.uid, saved.uid]))
    assert not SavedEvent.objects.exists()
    assert AuditEvent.objects.filter(type_of="saved_event.deleted", display_name="Mine").exists()
    with pytest.raises(NoSample, match="was deleted"):
        sample_event(prop, f"saved:{saved.uid}")
