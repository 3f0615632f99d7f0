"""Issues: bad outcomes are counted by cause when they are written; good outcomes write nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.catalog.outbound import Answer
from properties.models import Property
from rules.delivery import retention
from rules.delivery.issue_causes import IssueCause, Occurrence
from rules.delivery.issue_counts import count_occurrences
from rules.models import Activation, Build, Delivery, InboundEvent, Issue, IssueHour

from .conftest import FakeVendor, make_build, work

Accept = Callable[..., InboundEvent]
Later = Callable[[float], None]


def only_issue() -> Issue:
    return Issue.objects.get()


def test_equal_refusals_are_one_issue_with_its_count(accept: Accept, vendor: FakeVendor) -> None:
    accept({"refuse": True}), accept({"refuse": True})
    last = accept({"refuse": True})
    work()
    issue = only_issue()
    assert (issue.kind, issue.code, issue.count) == ("not_sent", "acme_refused", 3)
    assert (issue.rule_name, issue.component_uid) == ("Everything", "RC1")
    assert (issue.example_event_id, issue.first_build_id) == (last.pk, last.build_id)
    assert issue.message == "The package would not send it."


def test_what_the_vendor_refuses_is_another_issue_than_what_was_not_sent(
    accept: Accept, vendor: FakeVendor
) -> None:
    accept({"refuse": True})
    work()
    vendor.answer(400)
    accept()
    work()
    assert sorted(Issue.objects.values_list("kind", "destination", "code")) == [
        ("not_sent", "", "acme_refused"),
        ("refused", "1", "400"),
    ]


@pytest.mark.parametrize("where", ["environment", "destination", "field"])
def test_environment_destination_and_field_each_make_an_issue_of_its_own(
    accept: Accept, vendor: FakeVendor, prop: Property, where: str
) -> None:
    given: dict[str, Any] = {"environment_id": prop.environments.get(stage="staging").pk}
    vendor.answer(400)
    accept(), work()
    if where == "field":
        vendor.answer(_answer('{"field": "id"}'))
    accept({"to": "2"} if where == "destination" else {}, **(given if where == "environment" else {}))
    work()
    assert Issue.objects.count() == 2


def _answer(body: str) -> Answer:
    return Answer(400, body=body)


def test_an_event_without_a_field_that_the_vendor_refused_is_an_issue(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(_answer('{"field": "email"}'), 200)
    accept({"email": "a@b.example"})
    work()
    issue = only_issue()
    assert (issue.kind, issue.field, issue.label, issue.name) == ("without", "email", "Email", "Sent")


def test_a_rule_that_fails_is_an_issue_of_its_component(accept: Accept, vendor: FakeVendor) -> None:
    accept({"bug": True})
    work()
    issue = only_issue()
    assert (issue.kind, issue.code, issue.rule_uid, issue.component_uid) == (
        "not_sent", "rule_failed", "RL1", "RC1",
    )  # fmt: skip


def test_delivered_waiting_and_unmatched_events_make_no_issue(accept: Accept, vendor: FakeVendor) -> None:
    accept(), accept({"quiet": True})
    work()
    vendor.answer(500)
    accept()
    work()
    assert not Issue.objects.exists()


def test_a_delivery_that_is_refused_after_it_waited_is_counted_once(
    accept: Accept, vendor: FakeVendor, later: Later
) -> None:
    vendor.answer(500)
    accept(), work()
    vendor.answer(400)
    later(60)
    work()
    assert (only_issue().kind, only_issue().count) == ("refused", 1)


def test_good_outcomes_ask_the_database_nothing_about_issues(accept: Accept, vendor: FakeVendor) -> None:
    accept()
    with CaptureQueriesContext(connection) as queries:
        work()
    assert not [it["sql"] for it in queries if "rules_issue" in it["sql"]]


def test_the_trend_counts_by_the_hour(accept: Accept, vendor: FakeVendor, later: Later) -> None:
    accept({"refuse": True}), work()
    later(3_600)
    accept({"refuse": True}), accept({"refuse": True}), work()
    assert list(IssueHour.objects.order_by("hour").values_list("count", flat=True)) == [1, 2]
    assert {it.minute for it in IssueHour.objects.values_list("hour", flat=True)} == {0}


def test_an_outcome_of_an_older_build_does_not_move_an_issue_past_the_newer_one(
    accept: Accept, vendor: FakeVendor, build: Build, later: Later
) -> None:
    Activation.objects.create(environment=build.environment, build=build)
    waiting = accept({"refuse": True})
    later(60)
    newer = Activation.objects.create(environment=build.environment, build=make_build(build.prop))
    later(60)
    work()
    issue = only_issue()
    assert issue.last_live_at == waiting.received_at < newer.activated_at < issue.last_seen_at
    accept({"refuse": True}, build_id=newer.build_id), work()
    assert only_issue().last_live_at > newer.activated_at


def test_the_issue_is_the_same_in_every_build(accept: Accept, vendor: FakeVendor, build: Build) -> None:
    accept({"refuse": True})
    accept({"refuse": True}, build_id=make_build(build.prop, note="newer").pk)
    work()
    assert only_issue().count == 2


def test_an_issue_outlives_its_events_but_not_its_property(
    accept: Accept, vendor: FakeVendor, prop: Property, later: Later
) -> None:
    accept({"refuse": True}), work()
    later(20 * 86_400)
    retention.forget()
    assert not Delivery.objects.exists()
    assert IssueHour.objects.count() == Issue.objects.count() == 1
    later(20 * 86_400)
    retention.forget()
    assert (IssueHour.objects.count(), Issue.objects.count()) == (0, 1)
    prop.delete()
    retention.forget()
    assert not Issue.objects.exists()


def test_an_issue_is_forgotten_after_ninety_days(accept: Accept, vendor: FakeVendor, later: Later) -> None:
    accept({"refuse": True}), work()
    Issue.objects.update(last_seen_at=timezone.now() - timedelta(days=91))
    retention.forget()
    assert not Issue.objects.exists()
    assert not IssueHour.objects.exists()


def test_customer_data_in_a_message_is_hidden(prop: Property, accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(_answer('{"message": "mary@shop.example is not welcome"}'))
    accept(), work()
    assert only_issue().message == "m…@s… is not welcome"


@pytest.mark.django_db
def test_many_causes_cost_as_many_queries_as_one() -> None:
    def queries(count: int) -> int:
        found = [
            Occurrence(IssueCause(1, 1, "not_sent", "", "", f"{count}-{number}", "", ""), 1)
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            count_occurrences(found, timezone.now())
        return sum("executemany" not in it["sql"] and "INSERT" not in it["sql"] for it in captured)

    assert queries(30) == queries(3)
