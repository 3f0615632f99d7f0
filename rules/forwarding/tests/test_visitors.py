"""Who the visitor is, in the answer and in the event.

Source: Adobe, Event forwarding tutorial (``arc.event.xdm.identityMap.ECID.0.id``); Adobe, "Visitor
identification via FPID"; @adobe/alloy, tests C6842980 to C6842982; adobe/aepsdk-edge-android,
``EdgeHitProcessor``.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from properties.models import Datastream
from rules.forwarding.tests.conftest import Answer, EdgeClient, stored_events
from rules.models import InboundEvent

ECID = "12345678901234567890123456789012345678"
COOKIE = "kndctr_ABC_AdobeOrg_identity=CiYxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3OA"
FPID = "9f0c8a4e-5b53-4b3a-9d0a-0c7a2f6f3c11"
EVENT = {"data": {"a": 1}}
FETCH = {"identity": {"fetch": ["ECID"]}}


def identity(answer: Answer) -> str:
    (found,) = [handle for handle in answer.json()["handle"] if handle["type"] == "identity:result"]
    return str(found["payload"][0]["id"])


def ecid_of_event() -> str | None:
    """Return the value at the path of Adobe's tutorial in the newest event."""
    identities = stored_events()[-1]["xdm"].get("identityMap", {}).get("ECID", [])
    return identities[0]["id"] if identities else None


def interact(
    client: EdgeClient, datastream: Datastream, body: Any, path: str = "v1", **headers: str
) -> Answer:
    sent = {"origin": "https://shop.example", **headers}
    return client.post(f"/ee/{path}/interact?configId={datastream.uid}", body, sent)


def test_the_event_has_the_ecid_that_the_answer_hands_out(client: EdgeClient, datastream: Datastream) -> None:
    answer = interact(client, datastream, {"events": [EVENT, EVENT]})
    for event in stored_events():
        assert event["xdm"]["identityMap"]["ECID"][0]["id"] == identity(answer)


@pytest.mark.parametrize("path", ["v1/interact", "v1/collect"])
def test_the_event_has_the_ecid_of_the_cookie(client: EdgeClient, datastream: Datastream, path: str) -> None:
    headers = {"origin": "https://shop.example", "cookie": COOKIE}
    client.post(f"/ee/{path}?configId={datastream.uid}", {"events": [EVENT]}, headers)
    assert ecid_of_event() == ECID


def test_a_beacon_brings_the_ecid_in_its_body(client: EdgeClient, datastream: Datastream) -> None:
    key, _, value = COOKIE.partition("=")
    body = {"events": [EVENT], "meta": {"state": {"entries": [{"key": key, "value": value}]}}}
    client.post(f"/ee/v1/collect?configId={datastream.uid}", body)
    assert ecid_of_event() == ECID


def test_an_ecid_of_the_event_stays_and_the_answer_has_it(client: EdgeClient, datastream: Datastream) -> None:
    event = {"xdm": {"identityMap": {"ECID": [{"id": ECID, "primary": True}]}}}
    answer = interact(client, datastream, {"events": [event]})
    assert identity(answer) == ECID
    assert stored_events()[0]["xdm"]["identityMap"]["ECID"] == [{"id": ECID, "primary": True}]


@pytest.mark.parametrize("path", ["v1/interact", "v1/collect", "v2/collect"])
def test_identities_of_a_mobile_sdk_reach_each_event(
    client: EdgeClient, datastream: Datastream, path: str
) -> None:
    identities = {
        "ECID": [{"id": ECID, "authenticatedState": "ambiguous", "primary": False}],
        "IDFA": [{"id": "aaaa"}],
    }
    own = {"xdm": {"identityMap": {"IDFA": [{"id": "own"}]}}}
    body = {"xdm": {"identityMap": identities}, "events": [EVENT, own]}
    client.post(f"/ee/{path}?configId={datastream.uid}", body)
    first, second = (event["xdm"]["identityMap"] for event in stored_events())
    assert first == identities
    assert second == {"ECID": identities["ECID"], "IDFA": [{"id": "own"}]}


def test_identities_are_not_multiplied_without_end(client: EdgeClient, datastream: Datastream) -> None:
    body = {"xdm": {"identityMap": {"X": [{"id": "x" * 4_000}]}}, "events": [{"data": {}}] * 500}
    assert client.post(f"/ee/v2/collect?configId={datastream.uid}", body).status == 202
    event = InboundEvent.objects.latest("id")
    assert "identities_dropped" in json.loads(event.flags)
    assert len(event.body) < 1_000


def test_identities_of_the_request_are_cleaned_as_events_are(
    client: EdgeClient, datastream: Datastream
) -> None:
    body = b'{"xdm": {"identityMap": {"X": [{"id": "a\\u0000b"}]}}, "events": [{"data": {}}]}'
    assert client.post(f"/ee/v2/collect?configId={datastream.uid}", body).status == 202
    assert stored_events()[0]["xdm"]["identityMap"] == {"X": [{"id": "ab"}]}


def test_a_device_id_of_the_site_gives_the_same_ecid_each_time(
    client: EdgeClient, datastream: Datastream
) -> None:
    event = {"xdm": {"identityMap": {"FPID": [{"id": FPID}]}}}
    first, again = (identity(interact(client, datastream, {"events": [event]})) for _ in range(2))
    assert first == again == ecid_of_event()
    other = {"xdm": {"identityMap": {"FPID": [{"id": FPID.replace("9f", "9e")}]}}}
    assert identity(interact(client, datastream, {"events": [other]})) != first


def test_another_secret_key_does_not_change_who_people_are(
    client: EdgeClient, datastream: Datastream, settings: Any
) -> None:
    event = {"xdm": {"identityMap": {"FPID": [{"id": FPID}]}}}
    first = identity(interact(client, datastream, {"events": [event]}))
    settings.SECRET_KEY = "another-" + "x" * 50
    assert identity(interact(client, datastream, {"events": [event]})) == first


def test_the_named_cookie_is_a_device_id_too(client: EdgeClient, datastream: Datastream) -> None:
    in_body = {"events": [{"xdm": {"identityMap": {"FPID": [{"id": FPID}]}}}]}
    expected = identity(interact(client, datastream, in_body))
    Datastream.objects.update(fpid_cookie="myFPID")
    client.refresh()
    assert identity(interact(client, datastream, {"events": [EVENT]}, cookie=f"myFPID={FPID}")) == expected
    assert identity(interact(client, datastream, {"events": [EVENT]}, cookie=f"other={FPID}")) != expected
    headers = {"origin": "https://shop.example", "cookie": f"myFPID={FPID}"}
    client.post(f"/ee/v1/collect?configId={datastream.uid}", {"events": [EVENT]}, headers)
    assert ecid_of_event() == expected


def test_an_identity_that_is_there_wins_over_a_device_id(client: EdgeClient, datastream: Datastream) -> None:
    event = {"xdm": {"identityMap": {"FPID": [{"id": FPID}]}}}
    assert identity(interact(client, datastream, {"events": [event]}, cookie=COOKIE)) == ECID
    assert ecid_of_event() == ECID


def test_events_of_several_people_get_the_ecid_of_their_own_device(
    client: EdgeClient, datastream: Datastream
) -> None:
    ids = [FPID, FPID.replace("9f", "9e")]
    events = [{"xdm": {"identityMap": {"FPID": [{"id": each}]}}} for each in ids]
    client.post(f"/ee/v2/collect?configId={datastream.uid}", {"events": events})
    found = {event["xdm"]["identityMap"]["ECID"][0]["id"] for event in stored_events()}
    assert len(found) == 2


def test_an_event_of_a_server_about_nobody_gets_no_ecid(client: EdgeClient, datastream: Datastream) -> None:
    for path, body in (("v2/interact", {"event": EVENT}), ("v2/collect", {"events": [EVENT]})):
        client.post(f"/ee/{path}?configId={datastream.uid}", body)
    assert ["identityMap" in event["xdm"] for event in stored_events()] == [False, False]


@pytest.mark.parametrize("odd", [5, "x", [], {"ECID": 5}, {"ECID": [5]}, {"FPID": [{"id": "x" * 300}]}])
def test_odd_identity_maps_are_taken_as_they_are(
    client: EdgeClient, datastream: Datastream, odd: Any
) -> None:
    body = {"xdm": {"identityMap": odd}, "events": [{"xdm": {"identityMap": odd}}]}
    assert interact(client, datastream, body).status == 200
    assert client.post(f"/ee/v2/collect?configId={datastream.uid}", body).status == 202


def test_a_server_that_asks_for_the_identity_gets_it(client: EdgeClient, datastream: Datastream) -> None:
    answer = interact(client, datastream, {"event": EVENT, "query": FETCH}, "v2")
    assert identity(answer) == ecid_of_event()
    assert {handle["type"] for handle in answer.json()["handle"]} == {"identity:result", "state:store"}
    plain = interact(client, datastream, {"event": {"data": {"query": "shoes"}}}, "v2")
    assert plain.json()["handle"] == []


def test_a_visitor_of_another_organization_flags_the_event(
    client: EdgeClient, datastream: Datastream
) -> None:
    interact(client, datastream, {"events": [EVENT]}, cookie=COOKIE)
    assert json.loads(InboundEvent.objects.get().flags) == ["other_organization:ABC_AdobeOrg"]
    InboundEvent.objects.all().delete()
    Datastream.objects.update(org_id="ABC@AdobeOrg")
    client.refresh()
    interact(client, datastream, {"events": [EVENT]}, cookie=COOKIE)
    assert InboundEvent.objects.get().flags == "[]"
