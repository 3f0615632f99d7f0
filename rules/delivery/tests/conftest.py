"""A property with a build, accepted events, and a vendor whose answers a test chooses."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from properties.catalog import registry
from properties.catalog.context import EventContext
from properties.catalog.descriptor import ActionType, ExtensionPackage, Field
from properties.catalog.errors import Rejected
from properties.catalog.outbound import Answer, BatchItem, OutboundRequest, Outcome, Warn
from properties.http import transport
from properties.models import Property
from properties.resources.creation import create_property
from rules.delivery.work import deliver_due
from rules.models import Build, Delivery, DeliveryAttempt, InboundEvent, LedgerCount
from tests.event_ids import next_event_id
from tests.small_vendor import SmallServer, install, serving

DELEGATE = "acme::actions::send"
KINDS = {200: "delivered", 400: "rejected", 401: "misconfigured", 500: "retry", 429: "retry"}


def _send(settings: Mapping[str, Any], context: EventContext) -> BatchItem | str:
    data = context.arc["event"]["data"]
    if data.get("refuse"):
        raise Rejected("The package would not send it.", code="acme_refused")
    if data.get("late"):
        raise Rejected("It happened too long ago.", code="too_old")
    if data.get("bug"):
        raise KeyError("bug")
    if data.get("quiet"):
        return "nothing"
    return BatchItem(
        destination=data.get("to", settings["to"]),
        envelope={"to": data.get("to", settings["to"]), "token": settings.get("token", "")},
        payload={"id": data["id"], "email": data.get("email", "")},
        name="Sent",
        expires_at=data.get("expires_at"),
        is_test=bool(data.get("test")),
        dedup_key=data.get("identity", ""),
        on_duplicate=settings.get("on_duplicate", "forward"),
    )


def _request(envelope: Mapping[str, Any], payloads: Sequence[Mapping[str, Any]]) -> OutboundRequest:
    body = {"data": list(payloads), "token": envelope["token"]}
    return OutboundRequest("POST", f"https://acme.example/{envelope['to']}", {}, body)


def _read(answer: Answer, count: int) -> Outcome:
    if answer.status is None:
        return Outcome("retry", code=answer.error, unclear=answer.is_sent)
    said = json.loads(answer.body) if answer.body else {}
    return Outcome(
        KINDS[answer.status],  # type: ignore[arg-type]
        code=said.get("code", str(answer.status)),
        message=said.get("message", ""),
        retry_after_seconds=said.get("retry_after"),
        pause_destination=answer.status == 429 or said.get("pause", False),
        blamed_index=said.get("blamed"),
        blamed_field=said.get("field", ""),
    )


def _without(payload: Mapping[str, Any], outcome: Outcome) -> tuple[dict[str, Any], Warn] | None:
    if outcome.blamed_field != "email" or "email" not in payload:
        return None
    left_out = Warn("email", "Email", "Acme refused it.")
    return {key: value for key, value in payload.items() if key != "email"}, left_out


ACME = ExtensionPackage(
    name="acme",
    display_name="Acme",
    version="1.0.0",
    actions=[
        ActionType(
            name="send",
            title="Send",
            fields=[
                Field("to", "To"),
                Field("token", "Token", "secret"),
                Field("on_duplicate", "Duplicates"),
            ],
            run=_send,
            batch_request=_request,
            read_answer=_read,
            without=_without,
            may_repeat=lambda payload: payload.get("email") != "once",
            max_batch=1000,
            masked=["email"],
        )
    ],
)


@pytest.fixture(autouse=True)
def acme(monkeypatch: pytest.MonkeyPatch) -> ExtensionPackage:
    """Install a package of a made-up vendor, next to the real ones."""
    found = MappingProxyType({**registry.packages(), "acme": ACME})
    monkeypatch.setattr(registry, "packages", lambda: found)
    return ACME


@dataclass
class FakeVendor:
    """The vendor: returns the answers that a test sets and keeps the requests it gets."""

    respond: Callable[[OutboundRequest], Answer] = lambda request: Answer(200)
    requests: list[OutboundRequest] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def send(self, request: OutboundRequest, *, secrets: transport.Secrets = transport.NO_SECRETS) -> Answer:
        with self._lock:
            self.requests.append(request)
        if isinstance(request.body, dict):
            self.token = transport.reveal(str(request.body.get("token", "")), secrets.names, secrets.value_of)
        return self.respond(request)

    def answer(self, *statuses: int | Answer) -> None:
        """Return these answers in turn, and repeat the last one for ever."""
        left = list(statuses)

        def respond(request: OutboundRequest) -> Answer:
            given = left.pop(0) if len(left) > 1 else left[0]
            return given if isinstance(given, Answer) else Answer(given)

        self.respond = respond

    def ids(self) -> list[list[int]]:
        """Return the events of each request."""
        return [[payload["id"] for payload in request.body["data"]] for request in self.requests]


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> FakeVendor:
    fake = FakeVendor()
    monkeypatch.setattr(transport, "send", fake.send)
    return fake


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallServer]:
    """Install the small vendor's package and start its server."""
    install(monkeypatch)
    with serving() as listening:
        yield listening


@pytest.fixture
def prop(db: None) -> Property:
    return create_property("Shop")


def make_build(prop: Property, delegate: str = DELEGATE, **settings: Any) -> Build:
    """Make a build with one rule that sends every event."""
    document = json.dumps(
        {
            "buildInfo": {"environment": "production", "buildId": "BL1"},
            "property": {"id": prop.uid, "name": prop.name, "settings": {}},
            "environment": {"id": "EN1", "stage": "production"},
            "extensions": {},
            "dataElements": {},
            "rules": [
                {
                    "id": "RL1",
                    "name": "Everything",
                    "conditions": [],
                    "actions": [
                        {
                            "id": "RC1",
                            "name": "Send",
                            "modulePath": delegate,
                            "settings": {"to": "1", **settings},
                        }
                    ],
                }
            ],
        }
    )
    import hashlib

    return Build.objects.create(
        prop=prop,
        environment=prop.environments.get(stage="production"),
        status=Build.Status.SUCCEEDED,
        document=document,
        checksum=hashlib.sha256(document.encode()).hexdigest(),
    )


@pytest.fixture
def build(prop: Property) -> Build:
    return make_build(prop)


_numbers = itertools.count(1)


@pytest.fixture
def accept(build: Build) -> Callable[..., InboundEvent]:
    """Return a function that stores an event as the edge does: row and counter together."""

    def accept(data: Mapping[str, Any] | None = None, **fields: Any) -> InboundEvent:
        number = next(_numbers)
        now = timezone.now()
        count, _ = LedgerCount.objects.get_or_create(day=now.date(), name="accepted", node=0)
        LedgerCount.objects.filter(pk=count.pk).update(count=count.count + 1)
        body = {"xdm": {}, "data": {"id": number, **(data or {})}}
        given = {
            "id": next_event_id(),
            "property_id": build.prop_id,
            "environment_id": build.environment_id,
            "datastream_id": 1,
            "build_id": build.id,
            "received_at": now,
            "body": json.dumps(body),
            "request": json.dumps({"header": {}}),
        }
        return InboundEvent.objects.create(**(given | fields))

    return accept


def states(model: type[InboundEvent] | type[Delivery]) -> list[str]:
    """Return the states of all rows, in the order of ids."""
    return list(model.objects.order_by("id").values_list("state", flat=True))


def only_delivery() -> Delivery:
    return Delivery.objects.get()


def attempts() -> list[str]:
    return list(DeliveryAttempt.objects.order_by("id").values_list("outcome", flat=True))


def in_seconds(moment: datetime | None, since: datetime) -> float:
    assert moment is not None
    return (moment - since.astimezone(UTC)).total_seconds()


def work() -> None:
    """Deliver until nothing is due."""
    while deliver_due():
        pass


@pytest.fixture
def later() -> Iterator[Callable[[float], None]]:
    """Return a function that lets this many seconds pass."""
    travels: list[Any] = []

    def pass_by(seconds: float) -> None:
        travels.append(time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=True))
        travels[-1].start()

    yield pass_by
    for travel in reversed(travels):
        travel.stop()
