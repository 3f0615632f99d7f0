"""The state of the simulator: set, seen, reset, and refused when it makes no sense."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from .simulator_client import TOKEN, call, envelope, post, server_event

STATE = "/_simulator/state"


def test_the_state_can_be_seen_changed_in_part_and_reset(simulator):
    fresh = call(simulator, "GET", STATE).body
    assert fresh["token"] == "valid"
    assert fresh["pixels"] == [{"id": "1234567890", "name": "Nordic Shop web"}]

    changed = call(simulator, "POST", STATE, {"pixels": [], "dataset_quality": {"web": []}})
    assert changed.status == 200
    assert call(simulator, "GET", STATE).body == fresh | {"pixels": [], "dataset_quality": {"web": []}}

    assert call(simulator, "DELETE", STATE).body == fresh


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ([], "JSON object"),
        ({"pixel": []}, "Unknown part pixel"),
        ({"token": "old"}, "token must be one of valid, expired, no_permission, revoked"),
        ({"pixels": [{"name": "No ID"}]}, "pixels must be a list of objects with an id as text"),
        ({"expires_at": -1}, "expires_at must be Unix seconds"),
    ],
)
def test_a_state_that_makes_no_sense_is_refused_and_changes_nothing(simulator, order, named):
    before = call(simulator, "GET", STATE).body
    reply = call(simulator, "POST", STATE, order)
    assert reply.status == 400
    assert named in reply.body["error"]
    assert call(simulator, "GET", STATE).body == before


# Meta, Handling Errors (Graph API): subcodes of 190.
@pytest.mark.parametrize(("token", "subcode"), [("expired", 463), ("revoked", 458)])
def test_a_token_that_has_ended_sends_nothing(simulator, token, subcode):
    simulator.set_state(token=token)
    reply = post(simulator, envelope(server_event()))
    assert (reply.status, reply.error["code"], reply.error["error_subcode"]) == (401, 190, subcode)


def test_a_token_without_permission_to_read_still_sends(simulator):
    simulator.set_state(token="no_permission")
    assert post(simulator, envelope(server_event(event_time=int(time.time())))).status == 200


# The sign-in. Meta, Manually Build a Login Flow; observed: the subcodes of a refused code.

DIALOG = (
    "/v25.0/dialog/oauth?client_id=1&config_id=2&response_type=code&redirect_uri=https://a.example/b/&state=s"
)
EXCHANGE = "/v25.0/oauth/access_token?client_id=1&client_secret=x&redirect_uri=https://a.example/b/&code="


def code_of(simulator):
    back = call(simulator, "GET", f"{DIALOG}&auto=allow")
    assert back.status == 302
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert query["state"] == ["s"]
    return query["code"][0]


def test_the_dialog_has_continue_and_cancel_and_answers_at_once_if_asked(simulator):
    page = call(simulator, "GET", DIALOG).content.decode()
    assert ">Continue</a>" in page
    assert ">Cancel</a>" in page
    query = parse_qs(urlsplit(call(simulator, "GET", f"{DIALOG}&auto=deny").headers["location"]).query)
    assert query["error"] == ["access_denied"]
    assert query["error_reason"] == ["user_denied"]
    simulator.set_state(dialog="never")
    assert "leads nowhere" in call(simulator, "GET", DIALOG).content.decode()


@pytest.mark.parametrize(
    "lost", ["client_id=1&", "config_id=2&", "response_type=code&", "redirect_uri=https"]
)
def test_a_dialog_without_a_parameter_is_refused(simulator, lost):
    assert call(simulator, "GET", DIALOG.replace(lost, "")).status == 400


def test_a_code_works_once_and_only_for_its_address(simulator):
    code = code_of(simulator)
    moved = call(simulator, "GET", EXCHANGE.replace("/b/", "/c/") + code)
    assert (moved.error["code"], moved.error["error_subcode"]) == (100, 36008)
    token = call(simulator, "GET", EXCHANGE + code).body["access_token"]
    assert call(simulator, "GET", EXCHANGE + code).error["error_subcode"] == 36009
    header = {"Authorization": "Bearer 1|x"}
    data = call(simulator, "GET", f"/v25.0/debug_token?input_token={token}", headers=header).body["data"]
    assert (data["app_id"], data["is_valid"], data["expires_at"]) == ("1", True, 0)
    other = call(simulator, "GET", "/v25.0/debug_token?input_token=EAAB", headers=header)
    assert other.error["code"] == 100


def test_system_user_tokens_need_a_proof(simulator):
    # Meta, System Users.
    body = {"access_token": TOKEN, "scope": "ads_read"}
    path = "/v25.0/102938475610293/system_user_access_tokens"
    assert "appsecret_proof" in call(simulator, "POST", path, body).error["message"]
    assert call(simulator, "POST", path, {**body, "appsecret_proof": "0" * 64}).body["access_token"]
    simulator.set_state(app_secret="x")
    assert call(simulator, "POST", path, {**body, "appsecret_proof": "0" * 64}).error["code"] == 100


def test_an_answer_of_the_state_comes_before_every_other(simulator):
    simulator.set_state(answers={"me": {"id": 1}, "debug_token": {"error": {"code": 190, "message": "x"}}})
    assert call(simulator, "GET", "/v25.0/me").body == {"id": 1}
    assert call(simulator, "GET", "/v25.0/debug_token").status == 401
