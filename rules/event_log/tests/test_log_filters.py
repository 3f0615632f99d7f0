"""Every filter of the event log finds the same events on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from properties.http import transport

from . import log_scenario

PURCHASES = ["refused", "wrong", "dear", "cheap"]
FOUND = {
    "all": ["waiting", "view", "odd%name", *PURCHASES],
    "delivered": ["dear", "cheap"],
    "not sent": ["wrong"],
    "refused": ["refused"],
    "no match": ["view", "odd%name"],
    "two results": ["refused", "wrong"],
    "sending": ["waiting"],
    "event type": ["view"],
    "name": PURCHASES,
    "our own percent sign": ["odd%name"],
    "percent sign": [],
    "underscore": [],
    "vendor's id": ["dear"],
    "sender's id": ["dear"],
    "beginning of an id": [],
    "order id": ["dear"],
    "greater": ["refused", "wrong", "dear"],
    "equal": ["cheap"],
    "value and result": ["dear"],
    "address": ["dear"],
    "another address": [],
    "NUL": ["dear"],
    "long text": [],
    "rule": PURCHASES,
    "destination": ["refused", "dear", "cheap"],
    "extension": PURCHASES,
    "another extension": [],
    "test events": [],
    "last hour": ["waiting", "view", "odd%name", *PURCHASES],
    "before today": [],
    "search and result": ["refused"],
    "id and another result": [],
}
BY_OUTCOME = {"delivered": 2, "no_match": 2, "not_sent": 1, "refused": 1, "sending": 1}
COUNTS = {
    "all": BY_OUTCOME,
    "chosen": BY_OUTCOME,
    "name": {"delivered": 2, "not_sent": 1, "refused": 1},
    "value": {"delivered": 1, "not_sent": 1, "refused": 1},
}


def check(found: dict[str, Any]) -> None:
    assert found["found"] == FOUND
    assert found["counts"] == COUNTS
    assert found["same_after_filling"]
    assert max(found["queries"].values()) <= 17, found["queries"]


def test_every_filter_finds_its_events_on_sqlite(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "send", log_scenario.send)
    check(log_scenario.results())


@pytest.mark.postgres
def test_every_filter_finds_its_events_on_postgresql(on_postgres: Callable[[str], dict[str, Any]]) -> None:
    check(on_postgres("rules.event_log.tests.log_scenario"))
