"""The status of a connection and the calls of the sign-in, without network: requests out, answers in.

Source: Meta, Debugging access tokens; Ads Pixel; Handling Errors (Graph API); Securing Graph API calls.
"""

import json
from collections.abc import Generator
from typing import Any

import pytest

from properties.catalog.outbound import Answer, HmacSha256, OutboundRequest
from properties.catalog.vendor_sign_in import ConnectFailed, ConnectionStatus, SignInContext

from ..connecting import CONNECT

APP = {
    "META_APP_ID": "1000000000000001",
    "META_APP_SECRET": "5f4dcc3b5aa765d61d8327deb882cf99",
    "META_LOGIN_CONFIG_ID": "1000000000000002",
}
PIXEL = "1234567890"
VALID = {"data": {"app_id": APP["META_APP_ID"], "is_valid": True, "type": "SYSTEM_USER", "expires_at": 0}}


def context(**installation: str) -> SignInContext:
    return SignInContext(
        {**APP, **installation},
        lambda value: f"<{len(value)}>",
        "https://capi.example/back/",
        now=1_700_000_000,
    )


def run(asking: Generator[OutboundRequest, Answer, Any], *answers: Any) -> tuple[Any, list[OutboundRequest]]:
    """Give a generator its answers; return its result, and the requests that it made."""
    waiting, requests = list(answers), []
    try:
        request = next(asking)
        while True:
            requests.append(request)
            request = asking.send(answer(waiting.pop(0)))
    except StopIteration as finished:
        return finished.value, requests


def answer(body: Any) -> Answer:
    if isinstance(body, Answer):
        return body
    status = 400 if isinstance(body, dict) and "error" in body else 200
    return Answer(status, body=body if isinstance(body, str) else json.dumps(body))


def error(code: int, subcode: int | None = None) -> dict[str, Any]:
    return {"error": {"message": "(#100) Missing Permission", "code": code, "error_subcode": subcode}}


def status(*answers: Any, **installation: str) -> ConnectionStatus:
    return run(CONNECT.read(PIXEL, "<token>", context(**installation)), *answers)[0]


def facts(found: ConnectionStatus) -> dict[str, str | float | None]:
    return {it.label: it.text or it.at for it in found.facts}


def test_every_request_holds_markers_and_a_proof_instead_of_credentials() -> None:
    _, requests = run(CONNECT.read(PIXEL, "<token>", context()), VALID, {"id": PIXEL})
    debug, pixel = requests
    assert debug.url == "https://graph.facebook.com/v25.0/debug_token"
    assert debug.secret_query["input_token"] == "<token>"
    assert pixel.headers == {"Authorization": "Bearer <token>"}
    for request in requests:
        assert isinstance(request.secret_query["appsecret_proof"], HmacSha256)
        assert APP["META_APP_SECRET"] not in repr(request)
        assert "token=" not in request.url


def test_without_an_app_only_the_pixel_is_asked() -> None:
    found, requests = run(
        CONNECT.read(PIXEL, "<token>", context(META_APP_ID="")), {"id": PIXEL, "name": "Web"}
    )
    assert [request.url.partition("?")[0] for request in requests] == [
        f"https://graph.facebook.com/v25.0/{PIXEL}"
    ]
    assert (found.kind, facts(found)) == ("ok", {"Pixel": f"Web ({PIXEL})", "Last activity": "none yet"})


@pytest.mark.parametrize(
    ("said", "kind", "title"),
    [
        (error(100), "limited", "Connected, sends only"),
        (error(10), "limited", "Connected, sends only"),
        (error(200), "limited", "Connected, sends only"),
        (error(100, 33), "problem", "Pixel not found"),
        (error(190, 463), "problem", "Token has ended"),
        (error(190, 458), "problem", "Access taken back"),
        (error(190, 460), "problem", "Token has ended"),
        (error(190), "problem", "Token refused"),
        (error(4), "unknown", "Meta asks to slow down"),
        (error(80004), "unknown", "Meta asks to slow down"),
        ("<html>", "unknown", "Meta is not reachable"),
        (Answer(500, body="{}"), "unknown", "Meta is not reachable"),
        (Answer(None, error="timeout"), "unknown", "Meta is not reachable"),
    ],
)
def test_an_answer_about_the_pixel_is_a_state(said: Any, kind: str, title: str) -> None:
    found = status(VALID, said)
    assert (found.kind, found.title) == (kind, title)


def test_that_a_token_can_only_send_is_no_error() -> None:
    found = status(error(100), error(100))
    assert (found.kind, found.advice, found.said, found.code) == ("limited", "", "", "")


def test_an_ended_token_is_known_without_asking_for_the_pixel() -> None:
    found = status({"data": {"is_valid": False, "error": {"code": 190, "subcode": 463}}})
    assert (found.kind, found.title) == ("problem", "Token has ended")


@pytest.mark.parametrize("given", [1_700_000_000, "1700000000", 1_700_000_000.0])
def test_numbers_may_come_as_text(given: Any) -> None:
    data = {
        "app_id": 1000000000000001,
        "is_valid": True,
        "expires_at": given,
        "scopes": ["ads_read", 5, None],
    }
    found = status({"data": data}, {"id": 1234567890, "owner_business": {"id": 7}, "last_fired_time": given})
    assert found.expires_at == 1_700_000_000
    assert facts(found)["May"] == "ads_read"
    assert facts(found)["Last activity"] == 1_700_000_000


@pytest.mark.parametrize("given", ["soon", "", None, [], True, -5, 10**20, "NaN", "1e400"])
def test_a_time_that_is_none_is_left_out(given: Any) -> None:
    found = status({"data": {"is_valid": True, "expires_at": given}}, {"id": PIXEL, "last_fired_time": given})
    assert found.kind == "ok"
    assert found.expires_at is None


@pytest.mark.parametrize(
    "given", [{}, {"data": None}, {"data": [1]}, {"data": {}}, {"data": {"scopes": "x"}}]
)
def test_lost_parts_are_only_missing_facts(given: Any) -> None:
    assert status(given, {"id": PIXEL, "name": None, "owner_business": "x"}).kind == "ok"


def test_names_are_one_short_line() -> None:
    found = status(VALID, {"id": PIXEL, "name": "Web\x00\n" + "x" * 900})
    assert "\x00" not in found.message
    assert len(found.message) < 300


def test_cancelling_asks_meta_nothing() -> None:
    # Meta, Manually Build a Login Flow, "Cancelled Login".
    returned = {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "Permissions error",
    }
    with pytest.raises(ConnectFailed, match="Cancelled"):
        run(CONNECT.finish(returned, context()))


def test_a_persons_token_is_exchanged_for_one_of_a_system_user() -> None:
    person = {"data": {**VALID["data"], "type": "USER", "expires_at": 1_705_000_000}}
    grant, requests = run(
        CONNECT.finish({"code": "abc"}, context()),
        {"access_token": "person"},
        person,
        {"client_business_id": "42"},
        {"access_token": "system"},
        VALID,
        {"data": [{"id": PIXEL, "name": "Web"}]},
        {"data": []},
        {"name": "Shop"},
    )
    # Meta, System Users: appsecret_proof is required here.
    [asked] = [it for it in requests if it.url.endswith("/42/system_user_access_tokens")]
    assert isinstance(asked.body["appsecret_proof"], HmacSha256)
    assert (grant.token, grant.expires_at, grant.owner) == ("system", None, "Shop")


def test_without_a_token_of_a_system_user_the_persons_is_kept_with_its_end() -> None:
    person = {"data": {**VALID["data"], "type": "USER", "expires_at": 1_705_000_000}}
    grant, _ = run(
        CONNECT.finish({"code": "abc"}, context()),
        {"access_token": "person", "expires_in": "5184000"},
        person,
        {"client_business_id": "42"},
        error(10),
        {"data": [{"id": PIXEL}]},
        {"data": []},
        error(10),
    )
    assert (grant.token, grant.expires_at, grant.owner) == ("person", 1_705_000_000, "42")
