"""Refusals in plain words, grouped by cause; duplicates; warnings about production."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from properties.catalog.outbound import Answer
from properties.http import transport
from properties.models import Property
from rules.delivery.work import deliver_due
from rules.explain.refusals import causes
from rules.models import Delivery, InboundEvent

from .conftest import DOCUMENT, PURCHASE, Accept, FakeMeta, accepted

Publish = Callable[..., None]
# Source: observed, facebook/facebook-java-business-sdk issue 421: Purchase without currency.
NO_CURRENCY = {"error_subcode": 2804010, "error_user_msg": "Currency fehlt."}


@pytest.fixture
def publish(prop: Property, tmp_path: Path) -> Publish:
    """Publish the document with other settings of its action, or of the extension."""

    def publish(extension: dict[str, Any] | None = None, **settings: Any) -> None:
        document = copy.deepcopy(DOCUMENT)
        document["rules"][0]["actions"][0]["settings"].update(settings)
        document["extensions"][1]["settings"].update(extension or {})
        file = tmp_path / "changed.json"
        file.write_text(json.dumps(document))
        call_command("apply", str(file), publish="production", stdout=StringIO())

    return publish


def uid_of(prop: Property, name: str) -> dict[str, str]:
    return {name: prop.dataelements.get(name=name).uid}


def page(client: Client, prop: Property, name: str, *args: Any, **query: str) -> str:
    return client.get(f"{reverse(name, args=[prop.uid, *args])}?{urlencode(query)}").content.decode()


def test_a_refusal_names_cause_field_data_element_and_what_to_do(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.refuse(100, "Invalid parameter", **NO_CURRENCY)
    event = accept()
    deliver_due()
    shown = page(owner_client, prop, "rules:event_detail", event.pk)
    element = prop.dataelements.get(name="Currency")
    assert "Meta received a Purchase without a currency." in shown
    assert "Field: <strong>Currency</strong>" in shown
    assert f"/data-elements/{element.uid}/" in shown
    assert "Add a three-letter currency such as USD to Custom Data" in shown
    # Meta's own words, in the language of the token's owner, are shown as well.
    assert "Currency fehlt." in shown


def test_a_field_that_meta_blames_is_named_by_its_label(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    """Source: Meta, Handling Errors: ``error_data.blame_field_specs``."""
    blame = {"blame_field_specs": [["data", 0, "event_name"]]}
    meta.refuse(100, "Invalid parameter", error_data=blame)
    event = accept()
    deliver_due()
    assert "Meta does not accept the value of Event Name." in page(
        owner_client, prop, "rules:event_detail", event.pk
    ).replace("&#x27;", "'")


def test_equal_causes_are_grouped_counted_and_lead_to_their_events(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept({**PURCHASE, "currency": ""}), accept({**PURCHASE, "currency": ""})
    meta.refuse(100, "Invalid parameter", **NO_CURRENCY)
    by_meta = accept()
    deliver_due()
    first, second = causes(prop, 0)
    assert (first.count, second.count) == (2, 1)
    assert (first.refusal.label, first.refusal.elements) == ("Currency", uid_of(prop, "Currency"))
    shown = page(owner_client, prop, "rules:event_log")
    assert "Meta refuses a Purchase without a usable currency and value." in shown
    filtered = page(owner_client, prop, "rules:event_log", cause=str(second.key))
    assert f"event-{by_meta.pk}" in filtered
    assert filtered.count('data-testid="event-row"') == 1
    assert "Only events that were refused: Meta received a Purchase without a currency." in filtered


def test_the_overview_leads_to_the_events_of_a_cause(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept({**PURCHASE, "currency": ""})
    deliver_due()
    [cause] = causes(prop, 0)
    assert f"?{urlencode({'cause': str(cause.key)})}" in page(owner_client, prop, "rules:overview")


def test_a_cause_of_another_property_finds_nothing(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept({**PURCHASE, "currency": ""})
    deliver_due()
    for cause in ("RC1~100~", "a~b", "~~"):
        assert (
            owner_client.get(reverse("rules:event_log", args=[prop.uid]), {"cause": cause}).status_code == 200
        )


def test_a_duplicate_says_of_which_event(
    owner_client: Client, prop: Property, accept: Accept, delivered: InboundEvent
) -> None:
    later = accept()
    deliver_due()
    assert f"event {delivered.pk}" in page(owner_client, prop, "rules:event_detail", later.pk)
    assert "Duplicate: the same event had already reached the destination." in page(
        owner_client, prop, "rules:event_log"
    )


def test_a_duplicate_that_is_held_back_is_not_a_failure(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, publish: Publish
) -> None:
    publish({"duplicates": "hold"})
    for _ in range(2):
        later = accept()
        deliver_due()
    later.refresh_from_db()
    assert (later.state, later.reason, len(meta.requests)) == ("dead", "duplicate", 1)
    shown = page(owner_client, prop, "rules:event_detail", later.pk)
    assert "The same event had arrived before. It was not sent again." in shown
    assert causes(prop, 0) == []
    assert 'data-testid="trouble"' not in page(owner_client, prop, "rules:overview")


def test_an_event_that_lost_a_field_says_which(
    owner_client: Client,
    prop: Property,
    accept: Accept,
    meta: FakeMeta,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(fbc="fb.1.{{Value}}.AbCdEf")
    blame = {"blame_field_specs": [["data", 0, "user_data", "fbc"]]}
    meta.refuse(100, "Invalid parameter", error_data=blame)
    answers = [meta.answer, accepted(1)]
    monkeypatch.setattr(transport, "send", lambda request, **_: answers.pop(0))
    clicked_yesterday = int(time.time() - 86_400) * 1000
    event = accept({**PURCHASE, "value": clicked_yesterday})
    deliver_due()
    shown = page(owner_client, prop, "rules:event_detail", event.pk)
    assert "Delivered without Click ID (fbc) to Meta Conversions API" in shown
    assert shown.count('data-testid="attempt"') == 2
    assert "Without Click ID (fbc)." in page(owner_client, prop, "rules:event_log")


@pytest.mark.parametrize("name", ["rules:overview", "rules:publishing", "rules:event_log"])
def test_a_test_code_in_production_is_warned_about_on_every_page(
    owner_client: Client, prop: Property, publish: Publish, name: str
) -> None:
    assert "production-warning" not in page(owner_client, prop, name)
    publish(isTestEvent=True, testEventCode="TEST1")
    assert "Rule “Purchase”: Purchase is sent as a test event." in page(owner_client, prop, name)


def test_an_element_that_lowers_a_click_id_in_production_is_warned_about(
    owner_client: Client, prop: Property, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Source: Meta, fbp and fbc Parameters (ClickID): the letter case of a click id counts."""
    element = DOCUMENT["data_elements"][0]
    publish(fbc=f"{{{{{element['name']}}}}}")
    assert "Letter case counts" not in page(owner_client, prop, "rules:overview")
    monkeypatch.setitem(element, "force_lower_case", True)
    publish(fbc=f"{{{{{element['name']}}}}}")
    shown = page(owner_client, prop, "rules:overview")
    assert f"Click ID: Letter case counts, but the data element “{element['name']}”" in shown


def test_hours_for_test_events_are_kept_as_a_moment(
    owner_client: Client, prop: Property, publish: Publish
) -> None:
    publish(isTestEvent=True, testEventCode="TEST1", testEventHours=24)
    settings = prop.rules.get().components.get(kind="actions").settings
    assert "testEventHours" not in settings
    assert settings["testEventUntil"].endswith("Z")
    assert "is sent as a test event until" in page(owner_client, prop, "rules:overview")


def test_an_event_that_may_have_arrived_is_not_called_refused(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, publish: Publish
) -> None:
    """Source: Meta, Conversions API for Business Messaging: these events are not de-duplicated."""
    publish(
        actionSource="business_messaging",
        messagingChannel="messenger",
        pageId="1",
        pageScopedUserId="2",
    )
    meta.answer = Answer(None, error="timeout")
    event = accept()
    deliver_due()
    shown = page(owner_client, prop, "rules:event_detail", event.pk)
    assert "We do not know whether it reached Meta Conversions API" in shown
    assert "Refused by" not in shown


@pytest.mark.parametrize("code", ["key_lost", "worker_crash"])
def test_an_event_that_nobody_refused_is_not_called_refused(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, code: str
) -> None:
    meta.refuse(100, "Invalid parameter", **NO_CURRENCY)
    event = accept()
    deliver_due()
    Delivery.objects.update(code=code, message="The key is gone.")
    shown = page(owner_client, prop, "rules:event_detail", event.pk)
    assert "Not sent to Meta Conversions API (1234567890): The key is gone." in shown
    assert "Refused by" not in shown
