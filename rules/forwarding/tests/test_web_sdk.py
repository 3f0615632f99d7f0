"""Handles, cookies and CORS that the unmodified Web SDK needs.

Source: docs/reference/wire_protocol.md, "Requests" and "Answers"; names as in ``@adobe/alloy``
(createDecodeKndctrCookie, getNamespacedCookieName, createCookieTransfer).
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from properties.models import Datastream
from rules.forwarding.identity import Visitor, identity_handles, visitor_of
from rules.forwarding.tests.conftest import Answer, EdgeClient
from rules.models import InboundEvent

ECID = "12345678901234567890123456789012345678"
PAGE = {"origin": "https://shop.example", "content-type": "text/plain; charset=UTF-8"}
FETCH = {"query": {"identity": {"fetch": ["ECID"]}}}


def payloads(answer: Answer, kind: str) -> list[dict[str, Any]]:
    return [
        entry for handle in answer.json()["handle"] if handle["type"] == kind for entry in handle["payload"]
    ]


def cookie_value(ecid: str = ECID) -> str:
    """Return the cookie as Adobe does: URL-safe base64 of a protobuf message whose field 1 is the ECID."""
    return base64.urlsafe_b64encode(b"\x0a\x26" + ecid.encode() + b"\xf0\x01\x00").decode()


def interact(client: EdgeClient, datastream: Datastream, body: Any = None, **headers: str) -> Answer:
    url = f"/ee/v1/interact?configId={datastream.uid}&requestId=r1"
    return client.post(url, body or {"events": [{"data": {"a": 1}}], **FETCH}, PAGE | headers)


def test_a_new_visitor_gets_an_identity_of_38_digits(client: EdgeClient, datastream: Datastream) -> None:
    answer = interact(client, datastream)
    (result,) = payloads(answer, "identity:result")
    assert result["namespace"] == {"code": "ECID"}
    assert result["id"].isdigit()
    assert len(result["id"]) == 38


def test_the_identity_is_stored_in_the_cookie_that_the_client_decodes(
    client: EdgeClient, datastream: Datastream
) -> None:
    answer = interact(client, datastream)
    (cookie,) = payloads(answer, "state:store")
    message = base64.urlsafe_b64decode(cookie["value"] + "==")
    assert message[:2] == b"\x0a\x26"
    assert message[2:].decode() == payloads(answer, "identity:result")[0]["id"]
    assert cookie["maxAge"] == 34_128_000
    assert cookie["attrs"] == {"SameSite": "None"}
    assert cookie["key"] == f"kndctr_{datastream.environment.prop.uid}_AdobeOrg_identity"


def test_the_cookie_is_named_for_the_organization_that_the_site_uses(
    client: EdgeClient, datastream: Datastream
) -> None:
    Datastream.objects.update(org_id="53A16ACB5CC1D3760A495C99@AdobeOrg")
    client.refresh()
    answer = interact(client, datastream)
    assert payloads(answer, "state:store")[0]["key"] == "kndctr_53A16ACB5CC1D3760A495C99_AdobeOrg_identity"


def test_a_page_without_https_gets_a_cookie_that_it_can_keep(
    client: EdgeClient, datastream: Datastream
) -> None:
    answer = interact(client, datastream, origin="http://localhost:8000")
    assert "attrs" not in payloads(answer, "state:store")[0]


def test_a_known_visitor_keeps_the_identity_of_the_header(client: EdgeClient, datastream: Datastream) -> None:
    answer = interact(client, datastream, cookie=f"kndctr_ABC_AdobeOrg_identity={cookie_value()}")
    assert payloads(answer, "identity:result")[0]["id"] == ECID
    assert payloads(answer, "state:store")[0]["key"] == "kndctr_ABC_AdobeOrg_identity"


def test_a_known_visitor_keeps_the_identity_of_the_body(client: EdgeClient, datastream: Datastream) -> None:
    entries = [{"key": "kndctr_ABC_AdobeOrg_identity", "value": cookie_value()}]
    body = {"events": [{"data": {"a": 1}}], "meta": {"state": {"entries": entries}}}
    answer = interact(client, datastream, body)
    assert payloads(answer, "identity:result")[0]["id"] == ECID


def test_the_older_visitor_cookie_shows_the_organization() -> None:
    visitor = visitor_of({}, {"AMCV_ABC%40AdobeOrg": f"MCMID|{ECID}"}, "PRx_AdobeOrg")
    assert visitor.organization == "ABC_AdobeOrg"


def test_the_identity_of_the_older_visitor_service_is_kept() -> None:
    body = {"xdm": {"identityMap": {"ECID": [{"id": ECID}]}}}
    assert visitor_of(body, {}, "PRx_AdobeOrg").ecid == ECID


@pytest.mark.parametrize("value", ["", "x", "%%%", "CiYx", cookie_value("x" * 38), "é", "A" * 5000])
def test_a_broken_identity_cookie_is_a_new_visitor(value: str) -> None:
    assert visitor_of({}, {"kndctr_ABC_AdobeOrg_identity": value}, "o").ecid == ""


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"meta": 5},
        {"meta": {"state": {"entries": [5, {"key": 5}, {}]}}},
        {"identityMap": {"ECID": [5]}},
    ],
)
def test_odd_bodies_have_no_visitor(body: Any) -> None:
    assert visitor_of(body, {}, "o") == Visitor("o", "")


def test_our_own_handles_are_read_back() -> None:
    visitor = Visitor("ABC_AdobeOrg", ECID)
    (entry,) = identity_handles(visitor, is_https=True)[1]["payload"]
    assert visitor_of({}, {entry["key"]: entry["value"]}, "o") == visitor


def test_an_identity_can_be_acquired_without_an_event(client: EdgeClient, datastream: Datastream) -> None:
    for path in ("v1/identity/acquire", "v1/interact"):
        answer = client.post(f"/ee/{path}?configId={datastream.uid}", FETCH, PAGE)
        assert answer.status == 200
        assert payloads(answer, "identity:result")
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize(
    ("consent", "stored"),
    [
        ({"standard": "Adobe", "version": "1.0", "value": {"general": "in"}}, "general=in"),
        ({"standard": "Adobe", "version": "1.0", "value": {"general": "out"}}, "general=out"),
        ({"standard": "Adobe", "version": "2.0", "value": {"collect": {"val": "y"}}}, "general=in"),
        ({"standard": "Adobe", "version": "2.0", "value": {"collect": {"val": "n"}}}, "general=out"),
    ],
)
def test_consent_comes_back_as_a_cookie(
    client: EdgeClient, datastream: Datastream, consent: dict[str, Any], stored: str
) -> None:
    answer = client.post(
        f"/ee/v1/privacy/set-consent?configId={datastream.uid}", {"consent": [consent]}, PAGE
    )
    assert answer.status == 200
    cookies = {
        cookie["key"].rpartition("_")[2]: cookie["value"] for cookie in payloads(answer, "state:store")
    }
    assert cookies["consent"] == stored
    assert "identity" in cookies


@pytest.mark.parametrize("body", [b"", {}, {"consent": []}, {"consent": "in"}])
def test_consent_without_consent_is_refused(client: EdgeClient, datastream: Datastream, body: Any) -> None:
    answer = client.post(f"/ee/v1/privacy/set-consent?configId={datastream.uid}", body, PAGE)
    assert answer.status == 422
    assert answer.json()["report"]["errors"][0]["path"] == "$.consent"


def test_no_cluster_cookie_is_set_so_that_addresses_stay_the_same(
    client: EdgeClient, datastream: Datastream
) -> None:
    assert b"cluster" not in interact(client, datastream).body


def test_the_answer_may_be_read_by_the_page(client: EdgeClient, datastream: Datastream) -> None:
    headers = interact(client, datastream).headers
    assert headers["access-control-allow-origin"] == "https://shop.example"
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["vary"] == "Origin"
    assert headers["access-control-expose-headers"] == "Retry-After, X-Adobe-Edge, X-Request-ID"
    assert headers["x-adobe-edge"].partition(";")[2].isdigit()


def test_errors_may_be_read_by_the_page_too(client: EdgeClient) -> None:
    answer = client.post("/ee/v1/interact?configId=unknown", {}, PAGE)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (404, "https://shop.example")


def test_a_preflight_allows_what_was_asked_for(client: EdgeClient, datastream: Datastream) -> None:
    asked = {
        "origin": "https://shop.example",
        "access-control-request-headers": "authorization, content-type",
    }
    answer = client.post(f"/ee/v1/interact?configId={datastream.uid}", b"", asked, method="OPTIONS")
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
