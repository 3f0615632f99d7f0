"""Reports of libraries: kept with the session that a person has started, never an event, bounded."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from properties.models import Property
from rules.forwarding import body_limits
from rules.forwarding.committer import commit, opened
from rules.forwarding.parcels import Parcel
from rules.forwarding.received_events import received
from rules.forwarding.site_reports import ReportRow
from rules.forwarding.store import _REPORT, StoreRefused
from rules.models import InboundEvent, ValidationSession

TOKEN = "0123456789abcdef0123456789abcdef"
REPORT = {"host": "www.shop.example", "path": "/", "calls": []}


def parcel(*events: Any, **more: Any) -> Parcel:
    body = json.dumps({"events": events}).encode()
    facts: dict[str, Any] = {"property_id": 1, "environment_id": 1, "datastream_id": 1, "build_id": None}
    at: dict[str, Any] = {"request": "{}", "request_id": "", "received_at": timezone.now().timestamp()}
    return Parcel(body=body, **facts, **at, address="", user_agent="", flags=[], **more)


def report(token: Any = TOKEN, content: Any = REPORT) -> dict[str, Any]:
    data = {"validation": token, "report": content}
    return {"xdm": {"eventType": "validation.report"}, "data": data}


VIEW = {"xdm": {"eventType": "page"}, "data": {"event": "PageView", "validation": TOKEN}}


def test_a_report_among_events_is_no_event() -> None:
    found = opened(parcel(report(), VIEW))
    assert [it.name for it in found.rows] == ["page"]
    assert [(it.token, json.loads(it.content)) for it in found.reports] == [(TOKEN, REPORT)]
    assert found.refusals == []


def test_a_report_is_taken_from_a_visitor_who_has_refused() -> None:
    """It is of the person who validates, holds no data of the visitor, and says that consent is missing."""
    found = opened(parcel(report(), VIEW, has_refused=True))
    assert (len(found.reports), len(found.rows), found.ignored) == (1, 0, 1)


@pytest.mark.parametrize("token", ["", "x" * 32, TOKEN.upper(), TOKEN + "0", None, 7, ["a"]])
def test_a_report_without_a_token_is_refused(token: Any) -> None:
    [refusal] = opened(parcel(report(token))).refusals
    assert refusal.status == 422
    assert "the token of its session" in refusal.detail


@pytest.mark.parametrize("content", [None, [], "text", 1])
def test_a_report_that_is_no_object_is_refused(content: Any) -> None:
    assert [it.status for it in opened(parcel(report(content=content))).refusals] == [422]


def test_what_no_database_takes_is_replaced() -> None:
    [found] = opened(parcel(report(content={"host": "a\0b\ud800c"}))).reports
    assert json.loads(found.content) == {"host": "ab\ufffdc"}


def test_a_large_report_is_refused() -> None:
    large = {"host": "x" * body_limits.REPORT_BYTES}
    assert [it.status for it in opened(parcel(report(content=large))).refusals] == [413]


@pytest.fixture
def session(tags_prop: Property) -> ValidationSession:
    environment = tags_prop.environments.get(stage="development")
    return ValidationSession.objects.create(
        token=TOKEN, environment=environment, page="https://shop.example/"
    )


class BrokenStore:
    """Stores events; reports fail."""

    def __init__(self) -> None:
        self.closed = 0

    def write(self, rows: Any) -> int:
        return len(rows)

    def keep_reports(self, reports: Any) -> None:
        raise StoreRefused("no table")

    def close(self) -> None:
        self.closed += 1


def test_events_are_stored_although_a_report_cannot_be_kept() -> None:
    store: Any = BrokenStore()
    answer = commit(store, [opened(parcel(report(), VIEW))])
    assert (answer.is_available, answer.stored, answer.results[0].accepted) == (True, 1, 2)
    assert store.closed == 1


def test_a_body_with_reports_alone_is_accepted_and_stores_no_event() -> None:
    found = received({"events": [report()]}, parcel(report()))
    store: Any = BrokenStore()
    assert commit(store, [found]).results[0].accepted == 1
    assert commit(store, [found]).stored == 0


def test_the_newest_report_of_a_running_session_is_kept(db: None, session: ValidationSession) -> None:
    """The statement of both stores, on the connection of the test."""

    def keep(row: ReportRow, at: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_REPORT.format(place="%s"), [row.content, at, row.token, at])

    now = timezone.now()
    for number in (1, 2):
        keep(ReportRow(TOKEN, f'{{"n":{number}}}', 0), now)
    keep(ReportRow("f" * 32, "{}", 0), now)
    session.refresh_from_db()
    assert (session.report, session.reported_at) == ('{"n":2}', now)
    keep(ReportRow(TOKEN, '{"n":3}', 0), now + timedelta(minutes=16))
    session.refresh_from_db()
    assert session.report == '{"n":2}'
    assert not InboundEvent.objects.exists()
