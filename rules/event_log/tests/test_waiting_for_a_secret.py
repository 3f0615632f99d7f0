"""Pages about an event whose code lacks a secret: event, log and overview."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.test import Client
from django.urls import reverse

from properties.models import Property
from properties.secrets.credentials import store
from rules.delivery.work import deliver_due
from rules.models import Build, InboundEvent
from tests.pages import page_text

from .conftest import Accept

SIGN = "return getDataElementValue('Key').length;"


@pytest.fixture
def waiting(prop: Property, accept: Accept) -> InboundEvent:
    Property.objects.filter(pk=prop.pk).update(code_reads_secrets=True)
    key = {"secrets": {"production": {"name": "Partner key"}}}
    action = {
        "id": "RC1",
        "name": "Sign the order",
        "modulePath": "core::actions::custom-code",
        "settings": {"keyName": "signature", "source": SIGN},
    }
    document = json.dumps(
        {
            "buildInfo": {"environment": "production"},
            "environment": {"stage": "production"},
            "extensions": {"core": {"settings": {}}},
            "dataElements": {
                "Key": {"id": "DE1", "modulePath": "core::dataElements::secret", "settings": key}
            },
            "rules": [{"id": "RL1", "name": "Sign", "conditions": [], "actions": [action]}],
        }
    )
    build = Build.objects.create(
        prop=prop,
        environment=prop.environments.get(stage="production"),
        status=Build.Status.SUCCEEDED,
        document=document,
        checksum=hashlib.sha256(document.encode()).hexdigest(),
    )
    event = accept(build_id=build.pk)
    while deliver_due():
        pass
    event.refresh_from_db()
    assert event.state == "open"
    return event


def page_of(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return page_text(answer)


def test_the_page_of_the_event_names_the_secret_and_what_needs_it(
    owner: Client, prop: Property, waiting: InboundEvent
) -> None:
    page = page_of(owner, "rules:event_detail", prop.uid, waiting.pk)
    why = "Secret “Partner key” is not stored in this property, or does not work now: look under Secrets."
    assert f"On hold for Secret “Partner key”. Action required: {why}" in page
    assert f'<p class="problem">{why}</p>' in page
    assert '<span class="badge badge-warn">Waiting</span> Sign the order' in page
    assert '<span class="badge badge-bad">Failed</span>' not in page
    assert "The rest of this rule runs when the awaited answer arrives." in page
    assert "as soon as the secret works; the others follow" in page
    assert "Waiting request" not in page


def test_log_and_overview_name_the_secret(owner: Client, prop: Property, waiting: InboundEvent) -> None:
    assert "Secret “Partner key”" in page_of(owner, "rules:event_log", prop.uid)
    overview = page_of(owner, "rules:overview", prop.uid)
    assert "Secret “Partner key” is on hold: action required" in overview


def test_once_the_secret_is_there_the_page_shows_what_ran(
    owner: Client, prop: Property, waiting: InboundEvent
) -> None:
    store(prop, "Partner key", "0123456789")
    while deliver_due():
        pass
    page = page_of(owner, "rules:event_detail", prop.uid, waiting.pk)
    assert "does not work now" not in page
    assert "&quot;signature&quot;: 10" in page
