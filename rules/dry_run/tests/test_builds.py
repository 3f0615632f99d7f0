"""Dry runs of a build."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.http import transport
from properties.models import Environment, Property
from rules.authoring import editing
from rules.models import Build, Delivery, InboundEvent, Rule
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library
from tests.event_ids import next_event_id
from tests.pages import page_text

PURCHASE = {"xdm": {}, "data": {"name": "Purchase", "user": {"email": "john_smith@gmail.com"}}}
# Source: Meta, Customer Information Parameters, sample hash of john_smith@gmail.com.
HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


@pytest.fixture(autouse=True)
def no_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **named: object) -> None:
        raise AssertionError("Something was sent.")

    monkeypatch.setattr(transport, "send", refuse)


@pytest.fixture
def shop(shop: dict[str, Any]) -> dict[str, Any]:
    """The shop, whose events happen when they are received."""
    del shop["rules"][0]["actions"][0]["settings"]["eventTime"]
    return shop


@pytest.fixture
def made(prop: Property) -> Build:
    library = working_library(prop)
    add_all_changed(library)
    found = build(library, Environment.objects.filter(prop=prop).order_by("id")[0])
    assert found.status == Build.Status.SUCCEEDED, found.problems
    return found


@pytest.fixture
def event(prop: Property) -> InboundEvent:
    return InboundEvent.objects.create(
        id=next_event_id(),
        property_id=prop.pk,
        environment_id=1,
        datastream_id=1,
        name="Purchase",
        received_at=datetime.fromtimestamp(1_700_000_000, UTC),
        body=json.dumps(PURCHASE),
        request='{"header": {}}',
    )


def page(person: Any, prop: Property, data: dict[str, str] | None = None, **query: str) -> Any:
    client = Client()
    client.force_login(person)
    address = reverse("rules:dry_run", args=[prop.uid])
    return client.post(address, data) if data else client.get(address, query)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return page_text(answer).replace("&quot;", '"')


def test_a_bookmark_of_the_former_address_leads_to_the_page(owner: Any, prop: Property) -> None:
    client = Client()
    client.force_login(owner)
    answer = client.get(f"/p/{prop.uid}/events/trial/?source=last&build=saved")
    address = reverse("rules:dry_run", args=[prop.uid])
    assert (answer.status_code, answer["Location"]) == (301, f"{address}?source=last&build=saved")


def test_a_pasted_event_runs_through_what_is_saved(owner: Any, prop: Property) -> None:
    text = text_of(page(owner, prop, {"source": "pasted", "pasted": json.dumps(PURCHASE), "build": "saved"}))
    assert "Would be delivered to Meta Conversions API (1234567890) as “Purchase”" in text
    assert HASH in text
    assert not InboundEvent.objects.exists()
    assert not Delivery.objects.exists()


def test_a_stored_event_runs_through_a_build_that_has_since_changed(
    owner: Any, prop: Property, made: Build, event: InboundEvent
) -> None:
    rule = Rule.objects.get(prop=prop)
    editing.change_rule(rule, name="Renamed", enabled=True, actor=owner, intent="save")
    source = f"event:{event.pk}"
    assert "Rule Purchase" in text_of(page(owner, prop, source=source, build=made.uid))
    assert "Rule Renamed" in text_of(page(owner, prop, source=source, build="saved"))
    assert "Rule Purchase" in text_of(page(owner, prop, source=source, build="library"))
    event.refresh_from_db()
    assert (event.state, event.trace) == ("received", "")


def test_a_rule_that_was_deleted_since_is_run_and_not_offered_to_be_opened(
    owner: Any, prop: Property, made: Build
) -> None:
    asked = {"source": "pasted", "pasted": json.dumps(PURCHASE), "build": made.uid}
    assert "Open this rule" in text_of(page(owner, prop, asked))
    editing.delete_rule(Rule.objects.get(prop=prop), owner)
    text = text_of(page(owner, prop, asked))
    assert "Would be delivered" in text
    assert "This rule has been deleted." in text
    assert "Open this rule" not in text


def test_a_rule_that_does_not_match_says_which_condition_and_why(owner: Any, prop: Property) -> None:
    pasted = '{"data": {"name": "PageView"}}'
    text = text_of(page(owner, prop, {"source": "pasted", "pasted": pasted}))
    assert "was not met: it was “PageView”" in text


def test_what_would_be_refused_says_why(owner: Any, prop: Property) -> None:
    pasted = '{"data": {"name": "Purchase"}}'
    text = text_of(page(owner, prop, {"source": "pasted", "pasted": pasted}))
    assert "Would not be sent" in text
    assert "There is no customer information" in text


def test_a_text_that_is_not_an_event_gets_a_message_and_stays_in_the_form(owner: Any, prop: Property) -> None:
    text = text_of(page(owner, prop, {"source": "pasted", "pasted": '{"data": '}))
    assert "this is not valid JSON" in text
    assert '{"data": </textarea>' in text


def test_events_and_builds_of_other_properties_are_not_found(
    owner: Any, stranger: Any, prop: Property, event: InboundEvent
) -> None:
    InboundEvent.objects.update(property_id=prop.pk + 1)
    assert "no longer kept" in text_of(page(owner, prop, source=f"event:{event.pk}"))
    assert "This build does not exist" in text_of(
        page(owner, prop, source="sample:purchase", build="BLunknown")
    )
    assert page(stranger, prop).status_code == 404


def test_a_build_of_another_property_looks_like_a_deleted_one(
    owner: Any, prop: Property, made: Build
) -> None:
    asked = {"source": "pasted", "pasted": json.dumps(PURCHASE), "build": made.uid}
    assert "Would be delivered" in text_of(page(owner, prop, asked))
    made.prop = Property.objects.create(name="Other", platform=prop.platform)
    made.save()
    text = text_of(page(owner, prop, asked))
    assert "This build does not exist, or it failed. Choose another one." in text
    assert "Would be delivered" not in text
    assert "john_smith" in text  # The pasted event is still there for a run through another build.


@pytest.mark.parametrize("part", ["[]", '""', "0", "false", "[1]", '"x"'])
def test_a_part_of_an_event_that_is_not_an_object_is_refused(owner: Any, prop: Property, part: str) -> None:
    pasted = f'{{"xdm": {part}, "data": {{"name": "Purchase"}}}}'
    assert "“xdm” must be an object." in text_of(page(owner, prop, {"source": "pasted", "pasted": pasted}))


def test_the_time_that_a_rule_and_its_action_took_is_shown(owner: Any, prop: Property) -> None:
    text = text_of(page(owner, prop, {"source": "pasted", "pasted": json.dumps(PURCHASE)}))
    spent = r'<span class="faint mono">[0-9.]+ (µs|ms|s)</span>'
    assert re.search(rf"<strong>Purchase</strong> {spent}", text)
    assert re.search(rf"· Meta Conversions API</span>\s*</span> {spent}", text)


def test_a_reader_sees_no_customer_data(reader: Any, prop: Property, event: InboundEvent) -> None:
    text = text_of(page(reader, prop, source=f"event:{event.pk}"))
    assert HASH in text
    assert "john_smith" not in text


def test_every_page_of_an_event_and_a_build_leads_here(
    owner: Any, prop: Property, made: Build, event: InboundEvent
) -> None:
    client = Client()
    client.force_login(owner)
    rule = Rule.objects.get(prop=prop)
    pages = [
        reverse("rules:event_detail", args=[prop.uid, event.pk]),
        reverse("rules:build_detail", args=[prop.uid, made.uid]),
        reverse("rules:rule_edit", args=[prop.uid, rule.uid]),
    ]
    dry_run = reverse("rules:dry_run", args=[prop.uid])
    assert [dry_run in client.get(address).content.decode() for address in pages] == [True] * 3


def test_each_received_event_that_is_offered_can_be_run(owner: Any, prop: Property) -> None:
    for _ in range(3):
        at = timezone.now()
        InboundEvent.objects.create(
            id=next_event_id(),
            property_id=prop.pk,
            environment_id=1,
            datastream_id=1,
            received_at=at,
            body=json.dumps(PURCHASE),
            request='{"header": {}}',
        )
    offered = re.findall(r'value="(event:\d{19})"', text_of(page(owner, prop)))
    assert len(offered) == 3
    for source in offered:
        text = text_of(page(owner, prop, {"source": source, "build": "saved"}))
        assert "no longer kept" not in text
        assert HASH in text
