"""Test codes: set for an environment, read from rules, turned off; and what was sent with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from properties.models import AuditEvent, Environment, Property
from properties.saving import save_resource
from rules.delivery.work import deliver_due
from rules.event_log.tests.conftest import EMAIL, PURCHASE, Accept, FakeMeta, accepted
from rules.issues.standing import standing_issues
from rules.models import Delivery, EnvironmentTestCode, InboundEvent
from rules.publishing.build import publish
from rules.publishing.libraries import add_all_changed, working_library
from tests.pages import page_text, page_words
from tests.people import make_user, member, signed_in


@pytest.fixture
def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")


@pytest.fixture
def page(prop: Property) -> str:
    return reverse("rules:tests", args=[prop.uid])


def set_code(client: Client, environment: Environment, code: str = "TEST123", hours: str = "1") -> Any:
    address = reverse("rules:test_code_set", args=[environment.prop.uid, environment.uid])
    return client.post(address, {"code": code, "hours": hours}, follow=True)


def turn_off(client: Client, environment: Environment, **more: str) -> Any:
    address = reverse("rules:test_code_off", args=[environment.prop.uid, environment.uid])
    return client.post(address, more, follow=True)


def code_in_rule(prop: Property, **settings: Any) -> None:
    """Give the action a code of its own, and publish it to production."""
    action = prop.rules.get().components.get(kind="actions")
    action.settings |= {"isTestEvent": True, "testEventCode": "TEST777", **settings}
    action.save()
    save_resource(action.rule)
    library = working_library(prop)
    add_all_changed(library)
    publish(library, prop.environments.get(stage="production"))


def sent_code(meta: FakeMeta) -> Any:
    return meta.requests[-1].body.get("test_event_code")


def purchase(number: int) -> dict[str, Any]:
    return {**PURCHASE, "event_id": f"o-{number}"}


def run(event: InboundEvent) -> InboundEvent:
    while deliver_due():
        pass
    event.refresh_from_db()
    return event


def test_the_code_of_an_environment_goes_with_its_events_until_it_ends(
    owner_client: Client, production: Environment, accept: Accept, meta: FakeMeta
) -> None:
    words = page_words(set_code(owner_client, production))
    assert "Events of Production are sent with TEST123 for 1 hour." in words
    assert run(accept()).state == "delivered"
    assert sent_code(meta) == "TEST123"
    late = timezone.now() + timedelta(hours=1, seconds=1)
    run(accept(purchase(2), received_at=late))
    assert sent_code(meta) is None


def test_a_replay_decides_as_the_first_time(
    owner_client: Client, production: Environment, accept: Accept, meta: FakeMeta
) -> None:
    """The time at which the event was accepted counts, not the time of sending."""
    before = accept(received_at=timezone.now() - timedelta(minutes=1))
    set_code(owner_client, production)
    run(before)
    assert sent_code(meta) is None


def test_the_event_stays_a_real_one(
    owner_client: Client, production: Environment, accept: Accept, meta: FakeMeta
) -> None:
    set_code(owner_client, production)
    meta.refuse(2, "Service temporarily unavailable", status=500)
    event = run(accept())
    delivery = Delivery.objects.get(event_id=event.pk)
    assert delivery.state == "pending"
    assert delivery.expires_at > event.received_at + timedelta(days=6)


def test_a_code_that_is_turned_off_ends_at_once(
    owner_client: Client, production: Environment, accept: Accept, meta: FakeMeta
) -> None:
    set_code(owner_client, production)
    assert "without a test code from now on" in page_words(turn_off(owner_client, production))
    run(accept())
    assert sent_code(meta) is None


def test_the_code_of_a_rule_is_shown_with_its_end_and_turned_off_until_the_next_build(
    owner_client: Client, prop: Property, production: Environment, page: str, accept: Accept, meta: FakeMeta
) -> None:
    code_in_rule(prop, testEventUntil="2099-01-01T10:00Z")
    answer = owner_client.get(page, {"env": "prod"})
    words = page_words(answer)
    assert "Production TEST777 Purchase" in words
    assert "2099" in words
    assert "#id_testEventCode" in page_text(answer)
    turn_off(owner_client, production)
    run(accept())
    assert sent_code(meta) is None
    assert "Codes of rules are turned off since" in page_words(owner_client.get(page))
    turn_off(owner_client, production, rules="on")
    run(accept(purchase(3)))
    assert sent_code(meta) == "TEST777"
    turn_off(owner_client, production)
    code_in_rule(prop, testEventCode="TEST888")
    run(accept(purchase(4)))
    assert sent_code(meta) == "TEST888"


def test_a_code_without_an_end_says_so(
    owner_client: Client, prop: Property, production: Environment, page: str
) -> None:
    code_in_rule(prop)
    assert "Never by itself" in page_words(owner_client.get(page))


@pytest.mark.parametrize(
    ("code", "hours", "said"),
    [
        ("", "1", "Enter the code as the vendor shows it"),
        ("TEST 123", "1", "Enter the code as the vendor shows it"),
        ("{{Email}}", "1", "Enter the code as the vendor shows it"),
        ("X" * 61, "1", "Enter the code as the vendor shows it"),
        ("TEST123", "0", "Choose when the code ends."),
        ("TEST123", "9999999", "Choose when the code ends."),
    ],
)
def test_a_wrong_code_is_refused_with_what_to_do(
    owner_client: Client, production: Environment, code: str, hours: str, said: str
) -> None:
    assert said in page_words(set_code(owner_client, production, code, hours))
    assert not EnvironmentTestCode.objects.exists()


def test_who_set_a_code_is_shown_and_in_the_audit_log(
    owner_client: Client, production: Environment, page: str
) -> None:
    set_code(owner_client, production)
    assert "olivia" in page_words(owner_client.get(page))
    turn_off(owner_client, production)
    kinds = AuditEvent.objects.filter(type_of__startswith="environment.test_code")
    assert list(kinds.order_by("id").values_list("type_of", flat=True)) == [
        "environment.test_code_set",
        "environment.test_code_off",
    ]


def test_a_reader_sees_the_codes_and_changes_none(
    owner_client: Client, prop: Property, production: Environment, page: str
) -> None:
    set_code(owner_client, production)
    reader = make_user("rita")
    member(reader, prop, [])
    client = signed_in(reader)
    text = page_text(client.get(page, {"env": "prod"}))
    assert "TEST123" in text
    assert 'data-testid="turn-off"' not in text
    assert 'data-testid="set-code"' not in text
    assert set_code(client, production, "TEST9").status_code == 403


def test_production_with_a_code_is_an_issue_until_the_code_ends(
    owner_client: Client, prop: Property, production: Environment
) -> None:
    set_code(owner_client, production)
    set_code(owner_client, prop.environments.get(stage="development"))
    now = timezone.now() + timedelta(seconds=1)
    [issue] = [it for it in standing_issues(list(prop.environments.all()), now) if it.kind == "warning"]
    assert issue.environment_id == production.pk
    assert "test code TEST123" in issue.message
    assert standing_issues([production], now + timedelta(hours=2)) == []


# What was sent


def test_each_event_shows_its_code_and_what_the_vendor_said(
    owner_client: Client, production: Environment, page: str, accept: Accept, meta: FakeMeta
) -> None:
    run(accept(purchase(1)))
    set_code(owner_client, production)
    delivered = run(accept(purchase(2)))
    meta.refuse(100, "Invalid parameter")
    refused = run(accept(purchase(3)))
    answer = owner_client.get(page, {"env": "prod"})
    text, words = page_text(answer), page_words(answer)
    assert text.count('data-testid="sent-event"') == 2
    for event in (delivered, refused):
        assert reverse("rules:event_detail", args=[event.property_id, event.pk]).split("/", 3)[-1] in text
    assert "Purchase TEST123 Delivered 200" in words
    assert "Refused" in words
    assert "400 Invalid parameter" in words
    assert EMAIL not in text


def test_the_list_is_filtered_by_code_and_by_result(
    owner_client: Client, production: Environment, page: str, accept: Accept, meta: FakeMeta
) -> None:
    set_code(owner_client, production)
    run(accept())
    set_code(owner_client, production, "TEST456")
    run(accept(purchase(2)))
    found = [
        page_text(owner_client.get(page, {"env": "prod", **query})).count('data-testid="sent-event"')
        for query in ({}, {"test": "TEST123"}, {"test": "TEST456"}, {"test": "TEST0"}, {"result": "refused"})
    ]
    assert found == [2, 1, 1, 0, 0]
    assert "No event fits." in page_words(owner_client.get(page, {"env": "prod", "test": "TEST0"}))
    log = reverse("rules:event_log", args=[production.prop.uid])
    shown = page_text(owner_client.get(log, {"env": "prod", "test": "TEST456"}))
    assert shown.count('data-testid="event-row"') == 1


def test_the_code_of_an_event_that_waited_is_not_forgotten(
    owner_client: Client, production: Environment, page: str, accept: Accept, meta: FakeMeta
) -> None:
    set_code(owner_client, production)
    meta.refuse(2, "Service temporarily unavailable", status=500)
    event = run(accept())
    meta.answer = accepted(1)
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        assert run(event).state in ("delivered", "open")
    assert "TEST123" in page_words(owner_client.get(page, {"env": "prod"})).partition("Sent with a code")[2]


def test_an_empty_page_says_how_to_get_a_code(owner_client: Client, page: str) -> None:
    answer = owner_client.get(page, {"env": "dev"})
    assert "No event of Development was sent with a code" in page_words(answer)
    assert reverse("properties:help_page", args=["meta-conversions-api/test-events"]) in page_text(answer)


def test_a_property_without_such_a_vendor_says_what_to_install(
    owner_client: Client, prop: Property, page: str
) -> None:
    prop.extensions.filter(package_name="meta-conversions-api").update(enabled=False)
    assert "No extension here knows test codes." in page_words(owner_client.get(page))


def test_many_events_cost_as_many_queries_as_few(
    owner_client: Client, production: Environment, page: str, accept: Accept, meta: FakeMeta
) -> None:
    set_code(owner_client, production)
    run(accept())

    def queries() -> int:
        owner_client.get(page, {"env": "prod"})
        with CaptureQueriesContext(connection) as captured:
            owner_client.get(page, {"env": "prod"})
        return len(captured)

    few = queries()
    for _ in range(20):
        accept()
    run(accept())
    assert queries() == few


def test_the_form_of_the_action_leads_to_the_pages_of_help(owner_client: Client, prop: Property) -> None:
    action = prop.rules.get().components.get(kind="actions")
    address = reverse("rules:component_edit", args=[prop.uid, action.rule.uid, action.uid])
    text = page_text(owner_client.get(address))
    for name in ("test-events", "mobile-app-events", "store-events", "liveramp"):
        assert reverse("properties:help_page", args=[f"meta-conversions-api/{name}"]) in text
