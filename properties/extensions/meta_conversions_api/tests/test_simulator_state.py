"""The state of the simulator: set, seen, reset, and refused when it makes no sense."""

import time

import pytest

from .simulator_client import call, envelope, post, server_event

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
