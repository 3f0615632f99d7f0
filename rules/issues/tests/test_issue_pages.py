"""The page *Issues*: what it says, who may act, muting, and sending again."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from properties.models import AuditEvent, Property
from rules.delivery.clock import database_now
from rules.delivery.replay.jobs import release
from rules.delivery.work import deliver_due
from rules.event_log.tests.conftest import PIXEL, PURCHASE, Accept, FakeMeta, accepted
from rules.issues.retrying import events_of
from rules.models import (
    Activation,
    CountedAs,
    Delivery,
    DestinationGate,
    InboundEvent,
    Issue,
    Replay,
    RuleComponent,
)
from tests.pages import page_text

from .conftest import KRONOR, Fail


def publish(prop: Property, **settings: Any) -> None:
    """Let production run a build in which the action has other settings."""
    live = Activation.objects.select_related("build").latest("id")
    document = json.loads(live.build.document)
    document["rules"][0]["actions"][0]["settings"].update(settings)
    run(live, document)


def run(live: Activation, document: dict[str, Any]) -> None:
    """Let the environment run this document from now on."""
    text, build = json.dumps(document), live.build
    build.pk, build.uid = None, f"BL{live.pk}"
    build.document, build.checksum = text, hashlib.sha256(text.encode()).hexdigest()
    build.save(force_insert=True)
    Activation.objects.create(environment=live.environment, build=build)


def mend(prop: Property) -> None:
    """Publish the currency as a constant."""
    publish(prop, customData={"value": "{{Value}}", "currency": "SEK"})


def shown(client: Client, page: str, **query: str) -> str:
    answer = client.get(page, query)
    assert answer.status_code == 200
    return page_text(answer)


def rows(client: Client, page: str, **query: str) -> list[Any]:
    return list(client.get(page, query).context["issue_rows"])


def address(prop: Property, name: str, issue: Issue) -> str:
    return reverse(f"rules:issue_{name}", args=[prop.uid, issue.pk])


def test_an_issue_says_what_happens_where_it_comes_from_and_the_value_that_was_seen(
    owner_client: Client, fail: Fail, page: str
) -> None:
    fail(), fail()
    [row] = rows(owner_client, page)
    assert row.title == "Purchase not sent: it needs a currency code"
    assert (row.label, row.seen, row.build, row.count) == ("Currency", "“kronor”", 1, 2)
    assert [name for name, _ in row.elements] == ["Currency"]
    text = shown(owner_client, page)
    assert "1 open issue in Production." in text
    assert "since build 1" in text


def test_fix_opens_the_field_at_fault_with_the_failing_event(
    owner_client: Client, prop: Property, fail: Fail, page: str
) -> None:
    event = fail()
    action = RuleComponent.objects.get(rule__prop=prop, kind="actions")
    editor = reverse("rules:component_edit", args=[prop.uid, action.rule.uid, action.uid])
    [row] = rows(owner_client, page)
    assert row.fix.url == f"{editor}?event={event.pk}#id_customData.currency"
    assert owner_client.get(row.fix.url).status_code == 200


def test_what_the_vendor_refuses_is_said_in_its_name(
    owner_client: Client, accept: Accept, meta: FakeMeta, page: str
) -> None:
    meta.refuse(100, "Invalid parameter", error_subcode=2804003)
    accept()
    deliver_due()
    [row] = rows(owner_client, page)
    assert row.title == ("Purchase refused by Meta Conversions API: It happened longer ago than Meta accepts")


def test_an_event_delivered_without_a_field_that_the_vendor_asks_for_is_an_issue(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, page: str
) -> None:
    """Source: Meta, Server Event Parameters, "action_source": website events need the user agent."""
    publish(prop, clientUserAgent="")
    meta.answer = accepted(1)
    accept()
    deliver_due()
    [row] = rows(owner_client, page)
    assert (row.title, row.tone) == (
        "Purchase delivered without Client User Agent: "
        "Meta asks for it in website events; without it events match worse",
        "warn",
    )
    assert row.retry_count == 0


def also(prop: Property, **settings: Any) -> None:
    """Publish an action with further settings, which its form shows too."""
    action = RuleComponent.objects.get(rule__prop=prop, kind="actions")
    action.settings = {**action.settings, **settings}
    action.save()
    publish(prop, **settings)


def test_a_phone_number_that_our_check_leaves_out_is_an_issue_of_its_field(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, page: str
) -> None:
    """Source: Meta, Customer Information Parameters, "ph": digits with the country code."""
    also(prop, phone="{{Email}}")
    meta.answer = accepted(1)
    event = accept()
    deliver_due()
    [row] = rows(owner_client, page)
    assert row.title == (
        "Purchase delivered without Phone: a phone number has 7 to 15 digits with its country code"
    )
    assert (row.label, row.build, row.count) == ("Phone", 2, 1)
    assert [name for name, _ in row.elements] == ["Email"]
    assert row.fix.url.endswith(f"?event={event.pk}#id_phone")
    assert "result=without" in row.events_url
    text = shown(owner_client, page)
    assert "since build 2" in text
    assert "mary@" not in text


def test_one_of_several_values_that_is_left_out_is_an_issue_although_the_field_is_sent(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, page: str
) -> None:
    also(prop, phone=["+1 650 555 1212", "12"])
    meta.answer = accepted(1)
    accept()
    deliver_due()
    [row] = rows(owner_client, page)
    assert row.title == (
        "Purchase delivered without a value of Phone: a phone number has 7 to 15 digits with its country code"
    )
    assert Delivery.objects.get().counted_as % 100 == CountedAs.DELIVERED
    assert "result=delivered%2Cwithout" in row.events_url


def test_a_currency_that_does_not_exist_is_one_issue(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, page: str
) -> None:
    """Source: Meta, Custom Data Parameters, "currency"."""
    also(prop, eventName="AddToCart")
    meta.answer = accepted(1)
    accept(KRONOR)
    deliver_due()
    [row] = rows(owner_client, page)
    assert row.title == (
        "AddToCart delivered without Currency: it is not an ISO 4217 currency code such as USD"
    )
    assert (row.seen, [name for name, _ in row.elements]) == ("“kronor”", ["Currency"])
    assert row.fix.url.endswith("#id_customData.currency")


def test_a_token_that_is_no_longer_accepted_leads_to_the_configuration(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, page: str
) -> None:
    """Source: Meta, Error codes: 190, the access token has expired."""
    meta.refuse(190, "Error validating access token")
    accept()
    deliver_due()
    [row] = rows(owner_client, page)
    assert row.issue.kind == "on_hold"
    assert row.title.startswith("1 event on hold: ")
    extension = prop.extensions.get(package_name="meta-conversions-api")
    assert row.fix.url == reverse("properties:extension_edit", args=[prop.uid, extension.uid])
    assert row.fix.right == "manage_extensions"


def test_a_person_without_rights_sees_issues_but_no_act(
    reader_client: Client, prop: Property, fail: Fail, page: str
) -> None:
    fail()
    text = reader_client.get(page).content.decode()
    assert 'data-testid="issue"' in text
    for act in ("fix", "retry", "mute"):
        assert f'data-testid="{act}"' not in text


def test_a_person_without_rights_may_not_mute_or_retry(
    reader_client: Client, prop: Property, fail: Fail
) -> None:
    fail()
    issue = Issue.objects.get()
    for name in ("mute", "unmute", "retry"):
        assert reader_client.post(address(prop, name, issue), {"mute": "day"}).status_code == 403


def test_a_stranger_finds_no_issue(stranger_client: Client, prop: Property, fail: Fail, page: str) -> None:
    fail()
    assert stranger_client.get(page).status_code == 404
    assert stranger_client.post(address(prop, "mute", Issue.objects.get())).status_code == 404


def test_an_issue_of_another_environment_is_not_shown(
    owner_client: Client, prop: Property, fail: Fail, page: str
) -> None:
    fail()
    assert rows(owner_client, page, env="dev") == []
    assert "No open issues in Development." in shown(owner_client, page, env="dev")


def test_a_muted_issue_moves_to_muted_with_the_reason(
    owner_client: Client, prop: Property, fail: Fail, page: str
) -> None:
    fail()
    given = {"mute": "week", "reason": "The shop corrects it on Monday."}
    owner_client.post(address(prop, "mute", Issue.objects.get()), given)
    assert rows(owner_client, page) == []
    assert "“The shop corrects it on Monday.”" in shown(owner_client, page, state="muted")
    assert "Nothing in Production needs you." in shown(owner_client, page)
    owner_client.post(address(prop, "unmute", Issue.objects.get()))
    assert len(rows(owner_client, page)) == 1


def test_a_row_says_since_which_newer_build_it_has_not_happened(
    owner_client: Client, prop: Property, fail: Fail, page: str
) -> None:
    fail()
    live = Activation.objects.get()
    Activation.objects.create(environment=live.environment, build=live.build)
    assert "None since build 1" in shown(owner_client, page)
    Activation.objects.update(activated_at=timezone.now() - timedelta(hours=2))
    Issue.objects.update(last_live_at=timezone.now() - timedelta(hours=3))
    assert rows(owner_client, page) == []
    assert len(rows(owner_client, page, state="fixed")) == 1


# Retry


def test_a_dry_run_says_how_many_would_be_delivered_and_why_the_others_would_not(
    owner_client: Client, prop: Property, fail: Fail, page: str
) -> None:
    fail(), fail(), fail(value="nothing")
    mend(prop)
    [row] = rows(owner_client, page)
    assert row.retry_count == 3
    text = shown(owner_client, address(prop, "retry", row.issue))
    assert "2 of 3 would be delivered" in text
    assert "1 would not: Purchase needs a value" in text
    assert "Retry 2" in text


def test_nothing_is_sent_by_the_dry_run(
    owner_client: Client, prop: Property, fail: Fail, meta: FakeMeta
) -> None:
    fail()
    mend(prop)
    owner_client.get(address(prop, "retry", Issue.objects.get()))
    assert meta.requests == []
    assert not Replay.objects.exists()


def test_those_that_would_fail_again_stay(
    owner_client: Client, prop: Property, fail: Fail, meta: FakeMeta
) -> None:
    fail(), fail()
    text = shown(owner_client, address(prop, "retry", Issue.objects.get()))
    assert "0 of 2 would be delivered" in text
    assert "2 would not: Purchase needs a currency code" in text
    assert "start-retry" not in text


def test_events_older_than_the_vendor_accepts_are_left_out_and_said(
    owner_client: Client, prop: Property, fail: Fail
) -> None:
    """Source: Meta, Server Event Parameters, "event_time": up to seven days."""
    fail()
    old = fail()
    mend(prop)
    InboundEvent.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=8))
    text = shown(owner_client, address(prop, "retry", Issue.objects.get()))
    assert "1 left out: too old for the vendor" in text
    assert "1 of 1 would be delivered" in text


def test_retry_sends_those_that_would_be_delivered_and_the_count_falls(
    owner_client: Client, prop: Property, fail: Fail, meta: FakeMeta, page: str
) -> None:
    fail(), fail()
    mend(prop)
    issue = Issue.objects.get()
    where = address(prop, "retry", issue)
    key = owner_client.get(where).context["key"]
    for _ in range(2):
        answer = owner_client.post(where, {"key": key})
    replay = Replay.objects.get()
    assert answer.url == reverse("rules:replay_detail", args=[prop.uid, replay.uid])
    assert (replay.total, replay.build) == (2, "current")
    meta.answer = accepted(2)
    release(database_now())
    while deliver_due():
        pass
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"delivered"}
    [row] = rows(owner_client, page)
    assert (row.retry_count, row.issue.count) == (0, 2)
    assert AuditEvent.objects.filter(type_of="events.replayed").count() == 1


def test_of_two_rules_that_fail_each_has_its_own_events(
    owner_client: Client, prop: Property, accept: Accept, page: str
) -> None:
    live = Activation.objects.select_related("build").latest("id")
    document = json.loads(live.build.document)
    [rule] = document["rules"]
    for name, field in {"One": "a", "Two": "b"}.items():
        source = f"if (arc.event.data.{field}) throw new Error('{name} broke')"
        code = {"id": f"RC{name}", "name": "", "modulePath": "core::actions::custom-code"}
        code["settings"] = {"source": source}
        document["rules"].append(
            {
                **rule,
                "id": f"RL{name}",
                "name": name,
                "conditions": [],
                "actions": [{**rule["actions"][0], **code}],
            }
        )
    run(live, document)
    accept({"event": "x", "a": 1}), accept({"event": "x", "b": 1}), accept({"event": "x", "b": 1})
    deliver_due()
    found = {row.issue.rule_name: row for row in rows(owner_client, page)}
    assert {name: row.retry_count for name, row in found.items()} == {"One": 1, "Two": 2}
    assert "One broke" in found["One"].title
    assert len(events_of(prop, found["One"].issue)) == 1
    assert len(events_of(prop, found["Two"].issue)) == 2


def test_a_closed_destination_cannot_be_retried_by_its_issue(
    owner_client: Client, prop: Property, page: str
) -> None:
    gate = {"property_id": prop.pk, "package_name": "meta-conversions-api", "destination": PIXEL}
    DestinationGate.objects.create(**gate, state="parked", message="The token has expired.")
    [row] = rows(owner_client, page)
    assert owner_client.get(address(prop, "retry", row.issue)).status_code == 404


@pytest.mark.parametrize("state", ["open", "fixed", "muted"])
def test_the_page_asks_the_database_no_more_for_more_issues(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, page: str, state: str
) -> None:
    def queries() -> int:
        owner_client.get(page, {"state": state})
        with CaptureQueriesContext(connection) as captured:
            owner_client.get(page, {"state": state})
        return len(captured)

    accept(KRONOR)
    deliver_due()
    if state == "muted":
        Issue.objects.update(mute="day", muted_until=timezone.now() + timedelta(days=1))
    if state == "fixed":
        Issue.objects.update(last_seen_at=timezone.now() - timedelta(days=8))
    few = queries()
    known = Issue.objects.get()
    for number in range(30):
        known.pk, known.code = f"issue{number}", f"code {number}"
        known.save(force_insert=True)
    assert queries() == few


def test_the_purchase_in_euro_is_no_issue(
    owner_client: Client, accept: Accept, meta: FakeMeta, page: str
) -> None:
    accept(PURCHASE)
    deliver_due()
    assert rows(owner_client, page) == []
