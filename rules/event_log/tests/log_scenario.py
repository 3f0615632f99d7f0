"""Events of every kind, and what each filter finds: run by a test, and as a program on PostgreSQL."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.catalog.outbound import Answer, OutboundRequest
from properties.http import transport
from properties.models import Property
from rules.delivery.log.filling import fill_log
from rules.delivery.log.groups import groups
from rules.delivery.work import deliver_due
from rules.event_log.counts import counts_of
from rules.event_log.filters import EventLogFilter
from rules.event_log.found_events import in_parts
from rules.event_log.live import Cursor, changes
from rules.event_log.log_scope import scope_of
from rules.event_log.rows import page_of
from rules.models import InboundEvent, LogFilling, LoggedEvent, LogGroup, SearchTerm
from tests.event_ids import next_event_id

from .conftest import DOCUMENT, EMAIL

JOHN = "john_smith@gmail.com"
# Name → data of the event. They are accepted in this order.
EVENTS: dict[str, dict[str, Any]] = {
    "cheap": {"event": "Purchase", "event_id": "order-1", "value": 9.5, "currency": "EUR"},
    "dear": {
        "event": "Purchase",
        "event_id": "order-2",
        "value": 700,
        "currency": "SEK",
        "user": {"email": JOHN},
    },
    "wrong": {"event": "Purchase", "event_id": "order-3", "value": 80, "currency": "kronor"},
    "refused": {"event": "Purchase", "event_id": "refuse-4", "value": 20, "currency": "EUR"},
    "odd%name": {"event": "odd%name", "event_id": "x"},
    "view": {"event": "PageView", "event_id": "y"},
}
QUERIES: dict[str, dict[str, str]] = {
    "all": {},
    "delivered": {"result": "delivered"},
    "not sent": {"result": "not_sent"},
    "refused": {"result": "refused"},
    "no match": {"result": "no_match"},
    "two results": {"result": "refused,not_sent"},
    "sending": {"result": "sending"},
    "event type": {"q": "pagev"},
    "name": {"q": "purch"},
    "our own percent sign": {"q": "odd%"},
    "percent sign": {"q": "%"},
    "underscore": {"q": "_dd"},
    "vendor's id": {"q": "order-2"},
    "sender's id": {"q": "visit-dear"},
    "beginning of an id": {"q": "order"},
    "order id": {"q": "invoice-dear"},
    "greater": {"q": ">10"},
    "equal": {"q": "value 9.5"},
    "value and result": {"q": ">10", "result": "delivered"},
    "address": {"q": f"email:{JOHN}"},
    "another address": {"q": "somebody@else.example"},
    "NUL": {"q": "order-\0002"},
    "long text": {"q": "x" * 5_000},
    "rule": {"rule": "RULE"},
    "destination": {"destination": "1234567890"},
    "extension": {"extension": "meta-conversions-api"},
    "another extension": {"extension": "core"},
    "test events": {"test": "1"},
    "last hour": {"range": "1h"},
    "before today": {"until": "2020-01-01"},
    "search and result": {"q": "purch", "result": "refused"},
    "id and another result": {"q": "order-2", "result": "refused"},
}


def results() -> dict[str, Any]:
    """Return by query the names of the events that it finds, and counts."""
    prop = _published()
    ids = {name: _accept(prop, name, data).pk for name, data in EVENTS.items()}
    while deliver_due():
        pass
    ids["waiting"] = _accept(prop, "waiting", {"event": "Waiting"}).pk
    names = {pk: name for name, pk in ids.items()}
    found = {"found": _all_found(prop, names), "counts": _counts(prop), "queries": _queries(prop)}
    _fill_again()
    again = {"found": _all_found(prop, names), "counts": _counts(prop)}
    return {**found, "same_after_filling": _kept(again) == _kept(found)}


def _kept(results: dict[str, Any]) -> dict[str, Any]:
    """Return what filling finds again: what was never sent has no payload that says its value."""
    found = {name: it for name, it in results["found"].items() if name != "greater"}
    return {**found, "counts": {name: it for name, it in results["counts"].items() if name != "value"}}


def _published() -> Property:
    document = json.loads(json.dumps(DOCUMENT))
    settings = document["rules"][0]["actions"][0]["settings"]
    settings["customData"]["order_id"] = "{{Order ID}}"
    path = {"delegate": "core::dataElements::path", "settings": {"path": "arc.event.data.order"}}
    document["data_elements"].append({"name": "Order ID", **path})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shop.json"
        file.write_text(json.dumps(document))
        call_command("apply", str(file), publish="production", stdout=StringIO())
    return Property.objects.get(name="Shop")


def _accept(prop: Property, name: str, data: Mapping[str, Any]) -> InboundEvent:
    environment = prop.environments.get(stage="production")
    data = {"user": {"email": EMAIL}, **data, "order": f"invoice-{name}"}
    body = {"xdm": {"_id": f"visit-{name}"}, "data": data}
    return InboundEvent.objects.create(
        id=next_event_id(),
        property_id=prop.pk,
        environment_id=environment.pk,
        datastream_id=environment.datastream.pk,
        build_id=environment.activations.get().build_id,
        name=str(data["event"]),
        received_at=timezone.now(),
        body=json.dumps(body),
        request='{"header": {"httpHeaders": {}}}',
    )


def send(request: OutboundRequest, **_: Any) -> Answer:
    """Answer as Meta does: it refuses events whose id begins with ``refuse``."""
    if any(str(it["event_id"]).startswith("refuse") for it in request.body["data"]):
        error = {"message": "Invalid parameter", "code": 100, "error_subcode": 2804003}
        return Answer(400, body=json.dumps({"error": error}))
    return Answer(200, body=json.dumps({"events_received": len(request.body["data"]), "messages": []}))


def _asked(prop: Property, query: Mapping[str, str]) -> EventLogFilter:
    rule = prop.rules.get().uid
    return EventLogFilter.of({name: value.replace("RULE", rule) for name, value in query.items()})


def _all_found(prop: Property, names: Mapping[int, str]) -> dict[str, list[str]]:
    found = {}
    for name, query in QUERIES.items():
        asked = _asked(prop, query)
        rows = page_of(prop, asked, sees_bodies=True).rows
        found[name] = [names[row.event.pk] for row in rows]
        parts = in_parts(scope_of(prop, asked, sees_bodies=True), 100)
        assert [pk for part in parts for pk in part] == [row.event.pk for row in rows], name
        new = changes(prop, asked, Cursor(), sees_bodies=True).new
        assert [row.event.pk for row in new] == [row.event.pk for row in rows], name
        counts = counts_of(prop, asked, sees_bodies=True)
        assert counts.total == len(rows), (name, counts)
    return found


def _counts(prop: Property) -> dict[str, dict[str, int]]:
    """Chips keep their counts when one of them is chosen."""
    wanted = {"all": {}, "chosen": {"result": "refused"}, "name": {"q": "purch"}, "value": {"q": ">10"}}
    counts = {name: counts_of(prop, _asked(prop, query)) for name, query in wanted.items()}
    return {name: dict(sorted(it.by_outcome.items())) for name, it in counts.items()}


def _queries(prop: Property) -> dict[str, int]:
    found = {}
    for name in ("all", "name", "greater", "rule"):
        with CaptureQueriesContext(connection) as queries:
            page_of(prop, _asked(prop, QUERIES[name]))
            counts_of(prop, _asked(prop, QUERIES[name]))
        found[name] = len(queries)
    return found


def _fill_again() -> None:
    for model in (LoggedEvent, SearchTerm, LogGroup):
        model.objects.all().delete()
    LogFilling.objects.update(before=2**63 - 1)
    groups.forget()
    fill_log()


if __name__ == "__main__":
    transport.send = send  # type: ignore[assignment]
    call_command("migrate", verbosity=0)
    print(json.dumps(results()))
