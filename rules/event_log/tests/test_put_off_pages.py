"""Pages about an event whose action cannot run until a person acts: event, log and overview."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from properties.models import Property
from rules.delivery.work import deliver_due
from rules.models import Delivery, InboundEvent

from .conftest import overview_of, page_of

WHY = "Mutual TLS is on, but the Cloud Connector has no client certificate: configure the extension."


@pytest.fixture
def waiting(hold: Callable[..., InboundEvent]) -> InboundEvent:
    action = {
        "id": "RC1",
        "name": "Tell the partner",
        "modulePath": "adobe-cloud-connector::actions::send-data",
        "settings": {"method": "GET", "url": "https://api.example.com/a", "useMtls": True},
    }
    return hold("Partner", action, extensions={"adobe-cloud-connector": {"settings": {}}})


def test_the_page_of_the_event_says_what_it_waits_for(
    owner_client: Client, prop: Property, waiting: InboundEvent
) -> None:
    page = page_of(owner_client, "rules:event_detail", prop.uid, waiting.pk)
    assert f"On hold for Cloud Connector (Partner: Tell the partner): {WHY.rstrip('.')}" in page
    assert '<span class="vh">On hold:</span> Tell the partner' in page
    assert "Failed:" not in page
    assert "as soon as the setting is saved or published; the others follow" in page
    assert "No request was made." in page


def test_the_overview_says_that_action_is_required(
    owner_client: Client, prop: Property, waiting: InboundEvent
) -> None:
    page = overview_of(owner_client, prop)
    assert "1 event on hold: " in page
    assert "Production is on hold: " in page


def test_a_person_may_ask_for_it_now(owner_client: Client, prop: Property, waiting: InboundEvent) -> None:
    delivery = Delivery.objects.get()
    where = reverse("rules:delivery_retry", args=[prop.uid, waiting.pk, delivery.pk])
    assert owner_client.post(where, follow=True).status_code == 200
    deliver_due()
    again = Delivery.objects.get()
    assert (again.pk, again.state, again.attempts) == (delivery.pk, "parked", 2)
