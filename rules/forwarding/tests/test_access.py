"""Who may send, and the answers to all others.

Source: docs/reference/contracts.md, "Receiving events"; docs/reference/failures.md, "Application security".
"""

from __future__ import annotations

import pytest

from properties.models import Datastream, DatastreamAlias, Property
from properties.secrets.credentials import reference, store
from rules.forwarding.tests.conftest import EdgeClient
from rules.models import Activation, Build, InboundEvent

BODY = {"event": {"data": {"a": 1}}}


def address(name: str) -> str:
    return f"/ee/v2/interact?datastreamId={name}"


@pytest.fixture
def keyed(client: EdgeClient, datastream: Datastream) -> Datastream:
    """A datastream that asks for one of two keys."""
    for name in ("Shop key", "Till key"):
        store(datastream.environment.prop, name, f"{name} value")
    datastream.access = "key"
    datastream.keys = [reference("Shop key"), reference("Till key")]
    datastream.save()
    client.refresh()
    return datastream


@pytest.mark.parametrize("key", ["Shop key value", "Till key value"])
def test_each_of_the_keys_opens(client: EdgeClient, keyed: Datastream, key: str) -> None:
    assert client.post(address(keyed.uid), BODY, {"authorization": f"Bearer {key}"}).status == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic Shop key value", "Bearer é"]
)
def test_without_the_right_key_nothing_is_stored(
    client: EdgeClient, keyed: Datastream, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = client.post(address(keyed.uid), BODY, headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "value" not in answer.json()["detail"]
    assert not InboundEvent.objects.exists()


def test_a_datastream_that_needs_a_key_but_has_none_is_closed(client: EdgeClient, keyed: Datastream) -> None:
    Datastream.objects.update(keys=[])
    client.refresh()
    assert client.post(address(keyed.uid), BODY, {"authorization": "Bearer x"}).status == 401


@pytest.fixture
def shop_only(client: EdgeClient, datastream: Datastream) -> Datastream:
    datastream.allowed_origins = ["https://Shop.example/"]
    datastream.save()
    client.refresh()
    return datastream


def test_an_allowed_site_may_send(client: EdgeClient, shop_only: Datastream) -> None:
    answer = client.post(address(shop_only.uid), BODY, {"origin": "https://shop.example"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "https://shop.example")


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.evil.example", "null"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_a_foreign_site_may_not(client: EdgeClient, shop_only: Datastream, origin: str, method: str) -> None:
    answer = client.post(address(shop_only.uid), BODY, {"origin": origin}, method=method)
    assert "access-control-allow-origin" not in answer.headers
    assert answer.status == (403 if method == "POST" else 204)
    assert not InboundEvent.objects.exists()


def test_a_server_without_origin_may_send_to_a_datastream_with_sites(
    client: EdgeClient, shop_only: Datastream
) -> None:
    assert client.post(address(shop_only.uid), BODY).status == 200


def test_an_alias_is_as_good_as_the_id(client: EdgeClient, datastream: Datastream) -> None:
    DatastreamAlias.objects.create(alias="5f2d4e4c-old", datastream=datastream)
    assert client.post(address("5f2d4e4c-old"), BODY).status == 200


def test_a_new_datastream_counts_at_once(client: EdgeClient, datastream: Datastream) -> None:
    environment = datastream.environment.prop.environments.create(name="Development", stage="development")
    new = Datastream.objects.create(environment=environment)
    assert client.post(address(new.uid), BODY).status == 200


@pytest.mark.parametrize(("name", "detail"), [("nobody", "“nobody”"), ("", "names no datastream")])
def test_an_unknown_datastream_is_named_with_what_to_do(client: EdgeClient, name: str, detail: str) -> None:
    answer = client.post(address(name), BODY)
    assert answer.status == 404
    assert detail in answer.json()["detail"]
    assert "Environments" in answer.json()["detail"]


def test_a_disabled_property_accepts_nothing(client: EdgeClient, datastream: Datastream) -> None:
    Property.objects.update(enabled=False)
    client.refresh()
    assert client.post(address(datastream.uid), BODY).status == 403


def test_the_event_keeps_the_build_that_is_live_when_it_comes(
    client: EdgeClient, datastream: Datastream
) -> None:
    environment = datastream.environment
    builds = [Build.objects.create(prop=environment.prop, environment=environment) for _ in range(2)]
    for build in builds:
        Activation.objects.create(environment=environment, build=build)
        client.refresh()
        client.post(address(datastream.uid), BODY)
    assert list(InboundEvent.objects.order_by("id").values_list("build_id", flat=True)) == [
        build.pk for build in builds
    ]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_post_sends_events(client: EdgeClient, datastream: Datastream, method: str) -> None:
    answer = client.post(address(datastream.uid), BODY, method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST, OPTIONS")


def test_errors_are_problem_json(client: EdgeClient) -> None:
    answer = client.post("/ee/v1/interact?configId=x&requestId=r1", BODY)
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == 404
    assert {"type", "title", "detail", "report"} <= set(problem)
    assert problem["report"]["errors"][0] == {
        "path": "$",
        "index": None,
        "title": "Invalid datastream ID",
        "detail": problem["detail"],
        "status": 404,
    }


@pytest.mark.parametrize("path", ["/ee/v1/interact", "/ee/v2/interact", "/ee/v2/collect", "/v1/interact"])
def test_an_unknown_datastream_is_404_with_the_code_of_adobe(client: EdgeClient, path: str) -> None:
    """Source of the code: adobe/aepsdk-edge-android and @adobe/alloy, tests on the Edge Network (C13819).

    Adobe's status is 400. Senders rely on our 404, and Adobe's libraries treat both alike.
    """
    answer = client.post(f"{path}?configId=nobody", BODY)
    assert answer.status == 404
    assert answer.json()["type"] == "https://ns.adobe.com/aep/errors/EXEG-0003-400"
    assert answer.json()["title"] == "Invalid datastream ID"


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_a_page_without_an_origin_never_reads_an_answer(
    client: EdgeClient, datastream: Datastream, method: str
) -> None:
    """Files, sandboxed frames and redirects say “null”: anybody can be that."""
    answer = client.post(address(datastream.uid), BODY, {"origin": "null"}, method=method)
    assert answer.status == (200 if method == "POST" else 204)
    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers


def test_an_unknown_datastream_shows_a_page_without_an_origin_nothing(client: EdgeClient) -> None:
    answer = client.post(address("nobody"), BODY, {"origin": "null"})
    assert "access-control-allow-origin" not in answer.headers


COOKIE = "kndctr_ABC_AdobeOrg_identity=CiYxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3OA"
ECID = "12345678901234567890123456789012345678"
HOST = {"host": "data.shop.example"}


@pytest.mark.parametrize(
    ("headers", "is_told"),
    [
        ({**HOST, "origin": "https://www.shop.example"}, True),
        ({**HOST, "origin": "https://www.shop.example", "sec-fetch-site": "same-site"}, True),
        (
            {"host": "10.0.0.5:8000", "origin": "https://www.shop.example", "sec-fetch-site": "same-site"},
            True,
        ),
        ({**HOST, "origin": "https://evil.example"}, False),
        ({**HOST, "origin": "https://evil.example", "sec-fetch-site": "cross-site"}, False),
        ({**HOST, "origin": "null"}, False),
    ],
)
def test_without_a_list_a_foreign_page_does_not_learn_who_the_visitor_is(
    client: EdgeClient, datastream: Datastream, headers: dict[str, str], is_told: bool
) -> None:
    """Its requests carry the visitor's cookies, and it reads the answer: the Web SDK needs both."""
    sent = {**headers, "cookie": COOKIE}
    answer = client.post(f"/ee/v1/identity/acquire?configId={datastream.uid}", {}, sent)
    assert answer.status == 200
    assert (ECID in answer.body.decode()) == is_told


def test_a_listed_page_of_another_site_keeps_its_visitors(client: EdgeClient, shop_only: Datastream) -> None:
    sent = {"host": "edge.other.example", "origin": "https://shop.example", "cookie": COOKIE}
    assert ECID in client.post(f"/ee/v1/identity/acquire?configId={shop_only.uid}", {}, sent).body.decode()
