"""The time from settings to payload of one server event, compared with Meta's own library.

The payload has ten hashed fields, an external id and four plain ones, and ten of custom data. Both sides make
the same payload; this is checked for every event. Deliberate differences are removed: Meta's library sends
lists with one member, and currencies in lower case. Every event belongs to another person and is used once,
so caches help as often as in real life; ``benchmarks.customers`` says how often that is.

The target of docs/performance.md: at least 3 times faster, aim 5.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from random import Random
from statistics import median
from time import process_time_ns
from typing import Any

from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.content import Content
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.gender import Gender
from facebook_business.adobjects.serverside.user_data import UserData

from properties.catalog.testing import fake_context

from .customers import customer

SEED = 2026
ROUNDS = 15
EVENTS = 2000
RECEIVED_AT = 1_700_000_000
# Imported by path, not by name: nothing imports an extension package.
prepare_event = import_module("properties.extensions.meta_conversions_api.payload").prepare_event
HASHED = ("email", "phone", "gender", "firstName", "lastName", "dob", "city", "state", "zip", "country")

Build = Callable[[Mapping[str, Any]], dict[str, Any]]


def settings(chance: Random) -> dict[str, Any]:
    """Return settings of the action with their data elements resolved, each time for another person."""
    number = chance.getrandbits(40)
    return {
        **customer(chance),
        "actionSource": "website",
        "eventName": "Purchase",
        "eventTime": RECEIVED_AT - chance.randint(1, 3600),
        "eventSourceUrl": f"https://shop.example/checkout/thanks?order={number}",
        "eventId": f"order-{number}",
        "externalIdPlain": True,
        "customData": {
            "value": chance.randint(100, 99_999) / 100,
            "currency": chance.choice(("USD", "EUR", "GBP")),
            "content_name": f"Shoes {number % 997}",
            "content_category": "Sport",
            "content_ids": [f"ABC{number % 1009}", f"XYZ{number % 1013}"],
            "contents": [{"id": f"ABC{number % 1009}", "quantity": 2, "item_price": 9.5}],
            "content_type": "product",
            "order_id": str(number),
            "num_items": 2,
            "status": "paid",
        },
    }


def of_metas_library(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of ``facebook_business`` for the same event: objects built, then ``normalize()``."""
    data = given["customData"]
    event: dict[str, Any] = Event(
        event_name=given["eventName"],
        event_time=given["eventTime"],
        event_source_url=given["eventSourceUrl"],
        event_id=given["eventId"],
        action_source=ActionSource.WEBSITE,
        data_processing_options=[],
        user_data=_user_data(given),
        custom_data=CustomData(
            **{key: value for key, value in data.items() if key != "contents"},
            contents=[
                Content(product_id=item["id"], quantity=item["quantity"], item_price=item["item_price"])
                for item in data["contents"]
            ],
        ),
    ).normalize()
    return event


def _user_data(given: Mapping[str, Any]) -> UserData:
    return UserData(
        email=given["email"],
        phone=given["phone"],
        gender=Gender.FEMALE if given["gender"] == "f" else Gender.MALE,
        first_name=given["firstName"],
        last_name=given["lastName"],
        date_of_birth=given["dob"],
        city=given["city"],
        state=given["state"],
        zip_code=given["zip"],
        country_code=given["country"],
        external_id=given["externalId"],
        client_ip_address=given["clientIpAddress"],
        client_user_agent=given["clientUserAgent"],
        fbc=given["fbc"],
        fbp=given["fbp"],
    )


def _template(value: Any, name: str = "") -> Any:
    """Return the settings as a rule has them: a data element for each value that differs between events."""
    if name in ("actionSource", "eventName", "externalIdPlain", "content_type"):
        return value
    if isinstance(value, dict):
        return {key: _template(item, key) for key, item in value.items()}
    return f"{{{{{name}}}}}"


_build = prepare_event(_template(settings(Random(SEED))))


def ours(given: Mapping[str, Any]) -> dict[str, Any]:
    event, warnings = _build(given, _CONTEXT)
    assert not warnings, warnings
    return event


_CONTEXT = fake_context(received_at=float(RECEIVED_AT))


def canonical(event: Mapping[str, Any]) -> str:
    user_data = {
        key: value[0] if isinstance(value, list) and len(value) == 1 else value
        for key, value in event["user_data"].items()
    }
    custom_data = event["custom_data"] | {"currency": event["custom_data"]["currency"].upper()}
    return json.dumps({**event, "user_data": user_data, "custom_data": custom_data}, sort_keys=True)


def run() -> Iterator[dict[str, Any]]:
    """Yield interleaved rounds of both, each over events that neither has seen."""
    chance, seen = Random(SEED), Repeats()
    times: dict[Build, list[float]] = {ours: [], of_metas_library: []}
    for number in range(ROUNDS):
        events = [settings(chance) for _ in range(EVENTS)]
        seen.count(events)
        for build in _in_turn(times, number):
            times[build].append(_microseconds(build, events))
        # Afterwards, because the check itself may fill caches.
        assert all(canonical(ours(given)) == canonical(of_metas_library(given)) for given in events)
    mine, theirs = (median(taken) for taken in times.values())
    yield {
        "name": "meta_payload",
        "value": round(mine, 1),
        "unit": "µs/event",
        "baseline": round(theirs, 1),
        "ratio": round(theirs / mine, 2),
        "detail": f"payload of one server event; baseline: facebook_business builds and normalizes the same, "
        f"equal output over {ROUNDS * EVENTS} events, each of another person; had been there before: {seen}; "
        f"CPU time, median of {ROUNDS} interleaved rounds",
    }


def _in_turn(builds: Iterable[Build], number: int) -> list[Build]:
    return list(builds) if number % 2 else list(builds)[::-1]


def _microseconds(build: Build, events: list[dict[str, Any]]) -> float:
    started = process_time_ns()
    for given in events:
        build(given)
    return (process_time_ns() - started) / 1000 / len(events)


class Repeats:
    """Counts which share of the values of each hashed field an earlier event had, spelled alike."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {name: set() for name in HASHED}
        self._events = 0
        self._repeated = Counter[str]()

    def count(self, events: Iterable[Mapping[str, Any]]) -> None:
        for given in events:
            self._events += 1
            for name, known in self._known.items():
                self._repeated[name] += given[name] in known
                known.add(given[name])

    def __str__(self) -> str:
        return ", ".join(f"{name} {self._repeated[name] / self._events:.0%}" for name in HASHED)
