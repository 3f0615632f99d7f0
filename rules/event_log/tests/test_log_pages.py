"""Search, download and retry of a filter, from the pages: rights, masks and the audit log."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.models import AuditEvent, Property
from rules.delivery.work import deliver_due
from rules.event_log import downloads, found_events
from rules.models import InboundEvent, Replay, ReplayedEvent

from .conftest import EMAIL, JOHN, JOHN_HASH, PURCHASE, Accept, FakeMeta
from .test_event_log import log

FORMULA = '=HYPERLINK("https://evil.example")'


def body_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def downloaded(client: Client, prop: Property, form: str = "csv", **query: str) -> Any:
    answer = client.post(reverse("rules:event_download", args=[prop.uid]), {"format": form, **query})
    assert answer.status_code == 200
    return answer


@pytest.fixture
def odd(prop: Property, accept: Accept, meta: FakeMeta) -> InboundEvent:
    """A delivered purchase whose texts a spreadsheet would run, or that name a person."""
    event = accept({**PURCHASE, "event_id": JOHN}, name=FORMULA)
    deliver_due()
    return event


def test_the_search_leads_to_an_address_without_the_email_address(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    answer = owner_client.post(
        reverse("rules:event_search", args=[prop.uid]), {"q": JOHN, "result": "refused", "env": "prod"}
    )
    address = answer["Location"]
    assert answer.status_code == 302
    assert JOHN_HASH in address
    assert "@" not in address
    assert "%40" not in address
    assert "result=refused" in address
    assert "env=prod" in address


def test_an_address_that_was_typed_by_hand_is_hashed_too(owner_client: Client, prop: Property) -> None:
    answer = owner_client.get(log(prop), {"q": JOHN})
    assert answer.status_code == 302
    assert JOHN_HASH in answer["Location"]


@pytest.mark.parametrize(("person", "number"), [("owner_client", 1), ("reader_client", 0)])
def test_only_people_who_may_see_bodies_find_events_by_an_email_address(
    request: pytest.FixtureRequest, prop: Property, accept: Accept, meta: FakeMeta, person: str, number: int
) -> None:
    accept({**PURCHASE, "user": {"email": JOHN}})
    deliver_due()
    found = downloaded(request.getfixturevalue(person), prop, "json", q=f"email:{JOHN_HASH}")
    assert len(json.loads(body_of(found))) == number


def test_a_download_has_no_customer_data_and_nothing_that_a_spreadsheet_runs(
    reader_client: Client, prop: Property, odd: InboundEvent
) -> None:
    text = body_of(downloaded(reader_client, prop))
    head, row = list(csv.reader(StringIO(text)))
    assert tuple(head) == downloads.COLUMNS
    line = dict(zip(head, row, strict=True))
    assert line["event_type"] == f"'{FORMULA}"
    assert (line["event_name"], line["value"], line["currency"]) == ("Purchase", "9.5", "EUR")
    assert line["result"] == "Delivered"
    assert JOHN not in text
    assert EMAIL not in text


def test_a_download_follows_the_filter_and_stops_at_a_number(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found_events, "IN_A_PART", 2)
    events = [accept({"event": "View"}).pk for _ in range(5)]
    accept()
    deliver_due()
    rows = json.loads(body_of(downloaded(owner_client, prop, "json", result="no_match")))
    assert [int(row["id"]) for row in rows] == events[::-1]
    monkeypatch.setattr(downloads, "MOST_ROWS", 3)
    rows = json.loads(body_of(downloaded(owner_client, prop, "json", result="no_match")))
    assert [int(row["id"]) for row in rows] == events[:1:-1]
    assert json.loads(body_of(downloaded(owner_client, prop, "json", result="refused"))) == []


def test_a_download_is_recorded(owner_client: Client, prop: Property, odd: InboundEvent) -> None:
    body_of(downloaded(owner_client, prop, "json", result="delivered"))
    entry = AuditEvent.objects.get(type_of="events.downloaded")
    assert entry.entity["format"] == "json"
    assert entry.entity["filter"] == "result=delivered"


def test_all_events_of_a_filter_are_retried_as_they_were_counted(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    wrong = [accept({**PURCHASE, "event_id": f"o{number}", "currency": "kronor"}) for number in range(3)]
    accept({**PURCHASE, "event_id": "fine"})
    deliver_due()
    address = reverse("rules:replay_new", args=[prop.uid])
    page = owner_client.get(address, {"filter": "result=not_sent&range=1h"})
    assert page.status_code == 200
    later = accept({**PURCHASE, "event_id": "later", "currency": "kronor"})
    deliver_due()
    pinned = page.context["asked"].filter
    given = {"filter": pinned, "build": "current", "key": "k" * 32}
    owner_client.post(address, given)
    assert Replay.objects.get().total == 3
    replayed = set(ReplayedEvent.objects.values_list("event_id", flat=True))
    assert replayed == {it.pk for it in wrong}
    assert later.pk not in replayed
