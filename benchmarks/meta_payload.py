"""How long one server event takes, from settings to payload, beside Meta's own library.

Ten hashed fields, an external id and four plain ones, ten of custom data. Both give the same payload; that is
compared first for every event of the corpus. What differs by choice is made equal: Meta's library sends lists
with one member, and currencies in lower case.

Source of the bar: performance, "Recommended goals": at least 3 times faster, aim 5.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
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

ROUNDS = 15
REPEATS = 20
RECEIVED_AT = 1_700_000_000
# By path, not by name: nothing imports an extension package.
prepare_event = import_module("properties.extensions.meta_conversions_api.payload").prepare_event

CORPUS = 100
# As people type them: with outer blanks, accents and in other scripts.
FIRST_NAMES = ("Mary", " Jane ", "Ana", "伟", "Valéry", "John", "Élodie", "Mohamed", "Olga")
LAST_NAMES = ("Smith", "Doe", "Souza", "李", "Dupont", "García", "Nguyen", "Müller", "Kowalski", "Rossi")
PLACES = (
    *[
        ("New York", "NY", "10001", "US"),
        ("Menlo Park", "CA", "94025", "us"),
        ("Recife", "PE", "50030230", "BR"),
    ],
    *[("北京", "bj", "100000", "CN"), ("Orléans", "cvl", "45000", "FR"), ("Leeds", "eng", "LS14AP", "GB")],
)
PHONES = ("+1 (650) 55{:05}", "+16505{:06}", "+55 11 9{:04}-5678", "+4420794{:05}", "+33 6 12 34 {:05}")


def settings(number: int) -> dict[str, Any]:
    """Settings of the action with their data elements resolved, for the person of that number."""
    city, state, postcode, country = PLACES[number % len(PLACES)]
    return {
        "email": f"{'John_Smith' if number % 3 else ' jane.doe+shop'}{number}@example.com",
        "phone": PHONES[number % len(PHONES)].format(number * 97),
        "gender": "fm"[number % 2],
        "firstName": FIRST_NAMES[number % len(FIRST_NAMES)],
        "lastName": LAST_NAMES[number % len(LAST_NAMES)],
        "dob": f"{1950 + number % 55}{1 + number % 12:02}{1 + number % 28:02}",
        "city": city,
        "state": state,
        "zip": postcode,
        "country": country,
        "actionSource": "website",
        "eventName": "Purchase",
        "eventTime": RECEIVED_AT - 10,
        "eventSourceUrl": "https://shop.example/checkout/thanks?order=1000231",
        "eventId": f"order-{number}",
        "externalId": f"user-{number}",
        "externalIdPlain": True,
        "clientIpAddress": "192.0.2.7",
        "clientUserAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "fbc": "fb.1.1699999990000.AbCdEfGhIjKlMnOpQrStUvWxYz1234567890",
        "fbp": "fb.1.1696403881668.1116446470",
        "customData": {
            "value": 142.54,
            "currency": "USD",
            "content_name": "Shoes",
            "content_category": "Sport",
            "content_ids": ["ABC123", "XYZ789"],
            "contents": [{"id": "ABC123", "quantity": 2, "item_price": 9.5}],
            "content_type": "product",
            "order_id": "1001",
            "num_items": 2,
            "status": "paid",
        },
    }


def of_metas_library(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same event through ``facebook_business``: objects built, then ``normalize()``."""
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
    """The settings as a rule has them: a data element for all but what is the same for every event."""
    if name in ("actionSource", "eventName", "externalIdPlain", "content_type"):
        return value
    if isinstance(value, dict):
        return {key: _template(item, key) for key, item in value.items()}
    return f"{{{{{name}}}}}"


_build = prepare_event(_template(settings(0)))


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
    """Interleaved rounds of both over the same corpus."""
    corpus = [settings(number) for number in range(CORPUS)]
    for given in corpus:
        assert canonical(ours(given)) == canonical(of_metas_library(given))
    times: dict[Callable[..., Any], list[float]] = {ours: [], of_metas_library: []}
    for number in range(ROUNDS):
        for build in sorted(times, key=lambda build: (build is ours) == bool(number % 2)):
            times[build].append(_microseconds(build, corpus))
    mine, theirs = (median(taken) for taken in times.values())
    yield {
        "name": "meta_payload",
        "value": round(mine, 1),
        "unit": "µs/event",
        "baseline": round(theirs, 1),
        "ratio": round(theirs / mine, 2),
        "detail": f"payload of one server event; baseline: facebook_business builds and normalizes the same, "
        f"equal output over {len(corpus)} events; CPU time, median of {ROUNDS} interleaved rounds",
    }


def _microseconds(build: Callable[[Mapping[str, Any]], object], corpus: list[dict[str, Any]]) -> float:
    started = process_time_ns()
    for _ in range(REPEATS):
        for given in corpus:
            build(given)
    return (process_time_ns() - started) / 1000 / (REPEATS * len(corpus))
