"""Refusals in plain words, grouped by cause; duplicates; warnings about production."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable
from html import unescape
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
from rules.models import Delivery, InboundEvent

from .conftest import DOCUMENT, EMAIL, PURCHASE, Accept, FakeMeta, accepted, cause_of, overview_of

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
    assert "Refused: Meta received a Purchase without a currency" in shown
    assert '<span class="strong">Currency</span>' in shown
    assert f"/data-elements/{element.uid}/" in shown
    # Source: Meta, Standard Parameters: a valid ISO 4217 three-digit currency code.
    assert "Meta takes three letters of ISO 4217, such as SEK." in shown
    assert ">Fix Currency</a>" in " ".join(shown.split()).replace("> Fix Currency <", ">Fix Currency<")
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
    assert "Refused: Meta does not accept the value of Event Name" in page(
        owner_client, prop, "rules:event_detail", event.pk
    ).replace("&#x27;", "'")


def test_a_cause_leads_to_its_events_and_its_chip_names_it_and_removes_it(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept({**PURCHASE, "currency": ""}), accept({**PURCHASE, "currency": ""})
    meta.refuse(100, "Invalid parameter", **NO_CURRENCY)
    by_meta = accept()
    deliver_due()
    filtered = page(owner_client, prop, "rules:event_log", env="prod", cause=cause_of(by_meta))
    assert f"event-{by_meta.pk}" in filtered
    assert filtered.count('data-testid="event-row"') == 1
    chip = filtered[
        filtered.index('aria-label="Remove the filter') - 200 : filtered.index('data-testid="active-filter"')
    ]
    # The sentence of the issue: rules/issues/wording.py.
    assert "Purchase refused by Meta Conversions API: Meta received a Purchase without a currency" in chip
    href = unescape(re.findall(r'href="([^"]*)"', chip)[-1])
    without = owner_client.get(reverse("rules:event_log", args=[prop.uid]) + href).content.decode()
    assert without.count('data-testid="event-row"') == 3
    assert 'data-testid="active-filter"' not in without


def test_a_cause_that_was_never_counted_is_named_by_its_code(owner_client: Client, prop: Property) -> None:
    shown = page(owner_client, prop, "rules:event_log", cause="RC1~purchase_incomplete~value")
    assert "Cause: purchase incomplete" in shown


@pytest.mark.parametrize(
    ("currency", "said"),
    [("kronor", "Currency “kronor”"), ("", "Currency empty"), (None, "Currency missing")],
)
def test_the_list_says_the_field_and_its_value_as_the_drawer_does(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, currency: str | None, said: str
) -> None:
    event = accept({**PURCHASE, "currency": currency})
    deliver_due()
    row = page(owner_client, prop, "rules:event_log", env="prod")
    assert f'title="Not sent {said}"' in row
    seen = said.removeprefix("Currency ")
    drawer = page(owner_client, prop, "rules:event_detail", event.pk)
    assert f'data-testid="seen">{seen}</' in drawer
    is_nothing = f'It is <span data-testid="seen">{seen}</span> in this event.' in drawer
    assert is_nothing is (currency != "kronor")


def test_customer_data_in_the_field_at_fault_stays_masked_in_the_list(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.refuse(100, "Invalid parameter", error_data={"blame_field_specs": [["data", 0, "user_data", "em"]]})
    accept()
    deliver_due()
    row = page(owner_client, prop, "rules:event_log", env="prod")
    assert "Refused Email" in row
    assert EMAIL not in row


def test_the_page_of_a_rule_uses_the_words_of_the_list(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept({**PURCHASE, "currency": "kronor"})
    deliver_due()
    shown = page(owner_client, prop, "rules:rule_events", prop.rules.get().uid)
    assert 'title="Not sent Currency “kronor”"' in shown
    assert "Failed" not in shown


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
    first = reverse("rules:event_detail", args=[prop.uid, delivered.pk])
    assert f'<a href="{first}">Open the first event</a>' in page(
        owner_client, prop, "rules:event_detail", later.pk
    )
    assert 'title="Duplicate of' in page(owner_client, prop, "rules:event_log")


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
    assert "The same event had arrived before. It was not sent again" in shown
    assert 'data-testid="no-issues"' in overview_of(owner_client, prop)


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
    assert "Delivered without Click ID (fbc)" in shown
    assert shown.count('data-testid="attempt"') == 2
    assert 'title="Delivered without Click ID (fbc)"' in page(owner_client, prop, "rules:event_log")


@pytest.mark.parametrize("name", ["rules:publishing", "rules:issues"])
def test_a_test_code_in_production_is_warned_about(
    owner_client: Client, prop: Property, publish: Publish, name: str
) -> None:
    assert "is sent as a test event" not in page(owner_client, prop, name)
    publish(isTestEvent=True, testEventCode="TEST1")
    assert "Purchase is sent as a test event" in page(owner_client, prop, name)


def test_an_element_that_lowers_a_click_id_in_production_is_warned_about(
    owner_client: Client, prop: Property, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Source: Meta, fbp and fbc Parameters (ClickID): the letter case of a click id counts."""
    element = DOCUMENT["data_elements"][0]
    publish(fbc=f"{{{{{element['name']}}}}}")
    assert "Letter case counts" not in overview_of(owner_client, prop)
    monkeypatch.setitem(element, "force_lower_case", True)
    publish(fbc=f"{{{{{element['name']}}}}}")
    shown = overview_of(owner_client, prop)
    assert f"Click ID: Letter case counts, but the data element “{element['name']}”" in shown


def test_hours_for_test_events_are_kept_as_a_moment(
    owner_client: Client, prop: Property, publish: Publish
) -> None:
    publish(isTestEvent=True, testEventCode="TEST1", testEventHours=24)
    settings = prop.rules.get().components.get(kind="actions").settings
    assert "testEventHours" not in settings
    assert settings["testEventUntil"].endswith("Z")
    assert "is sent as a test event until" in overview_of(owner_client, prop)


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
    assert "Not sent again, it may have arrived" in shown
    assert 'data-outcome="refused"' not in shown


@pytest.mark.parametrize("code", ["key_lost", "worker_crash"])
def test_an_event_that_nobody_refused_is_not_called_refused(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, code: str
) -> None:
    meta.refuse(100, "Invalid parameter", **NO_CURRENCY)
    event = accept()
    deliver_due()
    Delivery.objects.update(code=code, message="The key is gone.")
    shown = page(owner_client, prop, "rules:event_detail", event.pk)
    assert "Not sent: The key is gone" in shown
    assert 'data-outcome="refused"' not in shown
