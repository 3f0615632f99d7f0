"""Pages about an event whose code lacks a secret: event, log and overview."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from properties.models import Property
from properties.secrets.credentials import store
from rules.delivery.work import deliver_due
from rules.models import InboundEvent

from .conftest import overview_of, page_of

SIGN = "return getDataElementValue('Key').length;"


@pytest.fixture
def waiting(prop: Property, hold: Callable[..., InboundEvent]) -> InboundEvent:
    Property.objects.filter(pk=prop.pk).update(code_reads_secrets=True)
    key = {"secrets": {"production": {"name": "Partner key"}}}
    action = {
        "id": "RC1",
        "name": "Sign the order",
        "modulePath": "core::actions::custom-code",
        "settings": {"keyName": "signature", "source": SIGN},
    }
    elements = {"Key": {"id": "DE1", "modulePath": "core::dataElements::secret", "settings": key}}
    return hold("Sign", action, extensions={"core": {"settings": {}}}, dataElements=elements)


def test_the_page_of_the_event_names_the_secret_and_what_needs_it(
    owner_client: Client, prop: Property, waiting: InboundEvent
) -> None:
    page = page_of(owner_client, "rules:event_detail", prop.uid, waiting.pk)
    why = "Secret “Partner key” is not stored in this property, or does not work now. Check the Secrets page."
    assert f"On hold for Secret “Partner key”: {why.rstrip('.')}" in page
    assert '<span class="vh">On hold:</span> Sign the order' in page
    assert "Failed:" not in page
    assert "The rest of this rule runs when the awaited answer arrives." in page
    assert "as soon as the secret works; the others follow" in page
    assert "No request was made." in page


def test_log_and_overview_name_the_secret(
    owner_client: Client, prop: Property, waiting: InboundEvent
) -> None:
    assert 'data-outcome="on_hold"' in page_of(owner_client, "rules:event_log", prop.uid)
    assert "1 event on hold: Secret “Partner key”" in overview_of(owner_client, prop)


def test_once_the_secret_is_there_the_page_shows_what_ran(
    owner_client: Client, prop: Property, waiting: InboundEvent
) -> None:
    store(prop, "Partner key", "0123456789")
    while deliver_due():
        pass
    page = page_of(owner_client, "rules:event_detail", prop.uid, waiting.pk)
    assert "does not work now" not in page
    assert "&quot;signature&quot;: 10" in page
