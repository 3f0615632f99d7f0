"""The worker writes the row of the event log with the outcome, and renews it with each later one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from properties.catalog import registry
from properties.catalog.descriptor import ExtensionPackage
from properties.catalog.outbound import Answer, ServerEventFacts
from properties.models import Property
from rules.delivery.clock import database_now
from rules.delivery.log import groups as groups_module
from rules.delivery.log.filling import fill_log
from rules.delivery.log.groups import GroupKey, forget_groups, groups
from rules.delivery.log.terms import EMAIL, ID, term
from rules.delivery.replay import jobs
from rules.delivery.replay.choice import Eligible
from rules.delivery.retention import EVENT_DAYS, forget
from rules.models import (
    Build,
    InboundEvent,
    LogFilling,
    LoggedDelivery,
    LoggedEvent,
    LogGroup,
    SearchTerm,
)

from .conftest import FakeVendor, work

Accept = Callable[..., InboundEvent]
HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


@pytest.fixture
def facts(acme: ExtensionPackage, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Let the vendor's package say something about its payloads."""

    def say(function: Any) -> None:
        action = replace(acme.actions[0], facts=function)
        found = MappingProxyType({**registry.packages(), "acme": replace(acme, actions=[action])})
        monkeypatch.setattr(registry, "packages", lambda: found)

    say(lambda payload: ServerEventFacts(12.5, "EUR", f"order-{payload['id']}", (HASH,)))
    return say


def group_of(event: InboundEvent) -> LogGroup:
    return LogGroup.objects.get(pk=LoggedEvent.objects.get(pk=event.pk).group_id)


def finds(prop: Property, kind: str, text: str) -> list[int]:
    found = SearchTerm.objects.filter(hash=term(prop.pk, kind, text))
    return list(found.values_list("event_id", flat=True))


def test_a_delivered_event_has_a_row_with_what_its_package_says(
    accept: Accept, vendor: FakeVendor, facts: Any, prop: Property
) -> None:
    event = accept({"id": 7}, body='{"xdm": {"_id": "visit-7"}, "data": {"id": 7}}')
    work()
    row, group = LoggedEvent.objects.get(), group_of(event)
    assert (row.pk, row.value, row.currency, row.environment_id) == (
        event.pk,
        12.5,
        "EUR",
        event.environment_id,
    )
    assert row.ms is not None
    assert (group.outcome, group.kind, group.name, group.rule_name) == (
        "delivered",
        "delivered",
        "Sent",
        "Everything",
    )
    assert finds(prop, ID, "visit-7") == finds(prop, ID, "order-7") == finds(prop, EMAIL, HASH) == [event.pk]
    assert finds(prop, ID, HASH) == []


def test_another_property_does_not_find_the_event(
    accept: Accept, vendor: FakeVendor, facts: Any, prop: Property
) -> None:
    accept({"id": 7})
    work()
    assert not SearchTerm.objects.filter(hash=term(prop.pk + 1, ID, "order-7")).exists()


def test_the_row_of_a_waiting_event_follows_its_delivery(
    accept: Accept, vendor: FakeVendor, facts: Any
) -> None:
    vendor.answer(500, 200)
    event = accept({"id": 7, "test": True})
    work()
    assert (group_of(event).outcome, group_of(event).is_test) == ("retrying", True)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        work()
    assert (group_of(event).outcome, group_of(event).is_test) == ("delivered", True)
    assert LoggedEvent.objects.get().value == 12.5


def test_an_event_with_several_deliveries_shows_the_worst_and_is_found_by_all(
    accept: Accept, vendor: FakeVendor, prop: Property, two_actions: Any
) -> None:
    event = accept({"id": 7})
    work()
    shown = group_of(event)
    assert (shown.outcome, shown.kind, shown.destination) == ("refused", "refused", "second")
    other = LogGroup.objects.get(pk=LoggedDelivery.objects.get().group_id)
    assert (other.outcome, other.kind, other.destination) == ("refused", "delivered", "first")
    assert other.is_further


@pytest.fixture
def two_actions(vendor: FakeVendor, build: Build) -> None:
    """The second of two destinations refuses."""
    document = json.loads(build.document)
    action = document["rules"][0]["actions"][0]
    settings = action["settings"]
    document["rules"][0]["actions"] = [
        {**action, "id": f"RC{to}", "settings": {**settings, "to": to}} for to in ("first", "second")
    ]
    text = json.dumps(document)
    checksum = hashlib.sha256(text.encode()).hexdigest()
    Build.objects.filter(pk=build.pk).update(document=text, checksum=checksum)
    vendor.respond = lambda request: Answer(400 if "second" in request.url else 200)


def test_a_bug_in_the_facts_of_a_package_costs_only_the_facts(
    accept: Accept, vendor: FakeVendor, facts: Any
) -> None:
    facts(lambda payload: 1 / 0)
    event = accept({"id": 7})
    work()
    assert (group_of(event).outcome, LoggedEvent.objects.get().value) == ("delivered", None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_what_is_no_number_is_no_value(accept: Accept, vendor: FakeVendor, facts: Any, value: Any) -> None:
    facts(lambda payload: ServerEventFacts(value, "EUR"))
    accept({"id": 7})
    work()
    assert LoggedEvent.objects.get().value is None


def test_an_event_that_runs_again_has_no_row_until_then(
    accept: Accept, vendor: FakeVendor, prop: Property
) -> None:
    vendor.answer(400, 200)
    event = accept({"id": 7})
    work()
    assert group_of(event).outcome == "refused"
    build_id = event.build_id or 0
    replay = jobs.start(
        prop, [Eligible(event.pk, build_id)], build="current", what="x", started_by="x", key="1"
    )
    jobs.release(database_now())
    assert (replay.total, LoggedEvent.objects.count()) == (1, 0)
    work()
    assert group_of(event).outcome == "delivered"


def test_rows_and_terms_are_removed_with_their_events(accept: Accept, vendor: FakeVendor, facts: Any) -> None:
    accept({"id": 7})
    work()
    assert SearchTerm.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=EVENT_DAYS + 9)):
        forget()
    left = [it.objects.count() for it in (LoggedEvent, LoggedDelivery, SearchTerm, LogGroup)]
    assert left == [0, 0, 0, 0]


def test_groups_in_use_stay(accept: Accept, vendor: FakeVendor) -> None:
    accept({"id": 7})
    work()
    LogGroup.objects.update(seen_at=timezone.now() - timedelta(days=30))
    assert forget_groups(database_now()) == 0


def test_names_without_end_share_groups(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups_module, "MOST_OF_PROPERTY", 3)
    for number in range(6):
        accept({"id": number}, name=f"event {number}")
    work()
    assert LogGroup.objects.count() <= 4
    assert LoggedEvent.objects.count() == 6


def test_a_group_that_was_rolled_back_is_written_again(prop: Property) -> None:
    groups.forget()
    key = GroupKey(prop.pk, 1, "delivered")
    for _ in range(2):
        with transaction.atomic():
            groups.ids([key], database_now())
            assert LogGroup.objects.filter(pk=key.id).exists()
            transaction.set_rollback(True)


def test_events_from_before_get_their_rows_in_parts(
    accept: Accept, vendor: FakeVendor, facts: Any, prop: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [
        accept({"id": number}, body=f'{{"xdm": {{"_id": "visit-{number}"}}, "data": {{"id": {number}}}}}')
        for number in range(5)
    ]
    work()
    before = sorted(LoggedEvent.objects.values_list("event_id", "group_id", "value", "currency"))
    terms = SearchTerm.objects.count()
    for model in (LoggedEvent, SearchTerm, LogGroup):
        model.objects.all().delete()
    groups.forget()
    LogFilling.objects.update(before=2**63 - 1)
    waiting = accept({"id": 99})
    monkeypatch.setattr("rules.delivery.log.filling.ROWS_AT_ONCE", 2)
    assert fill_log() == 5
    assert fill_log() == 0
    assert sorted(LoggedEvent.objects.values_list("event_id", "group_id", "value", "currency")) == before
    assert SearchTerm.objects.count() == terms
    assert not LoggedEvent.objects.filter(pk=waiting.pk).exists()
    assert [it.pk for it in events] == [it[0] for it in before]


def test_filling_keeps_rows_that_a_worker_wrote_meanwhile(accept: Accept, vendor: FakeVendor) -> None:
    event = accept({"id": 1})
    work()
    LoggedEvent.objects.update(ms=77)
    LogFilling.objects.update(before=2**63 - 1)
    fill_log()
    assert LoggedEvent.objects.get(pk=event.pk).ms == 77
