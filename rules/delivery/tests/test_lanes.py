"""Lanes: each destination has one lane for fresh events and one for retries."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from rules.delivery.destinations.lanes import Lanes
from rules.delivery.in_flight import InFlight, Ticket
from rules.models import Delivery, InboundEvent

from .conftest import ACME, DELEGATE

SEND = ACME.actions[0]
_numbers = itertools.count(1)


def flight(*, fresh: bool = True, together: int = 1, replays: int = 0, **fields: Any) -> InFlight:
    """Return a flight that may share its request with ``together`` - 1 others."""
    given = {
        "delegate": DELEGATE,
        "property_id": 3,
        "environment_id": 5,
        "destination": "1",
        "batch_key": "k",
    }
    number = next(_numbers)
    ticket = Ticket(InboundEvent(id=number, replays=replays)) if fresh else None
    action = replace(SEND, max_batch=together)
    return InFlight(Delivery(**(given | fields)), action, {"to": "1"}, {"id": number}, ticket)


def filled(*flights: InFlight) -> Lanes:
    lanes = Lanes()
    assert all(lanes.put(it) for it in flights)
    return lanes


def test_a_destination_has_eight_requests_with_fresh_events_under_way_at_most() -> None:
    lanes = filled(*(flight() for _ in range(20)))
    first = list(lanes.take())
    assert [len(batch) for batch in first] == [1] * 8
    assert list(lanes.take()) == []
    lanes.done(first[0][0])
    lanes.done(first[1][0])
    assert len(list(lanes.take())) == 2


def test_a_destination_has_one_request_with_events_that_are_tried_again() -> None:
    lanes = filled(*(flight(fresh=False) for _ in range(3)))
    for _ in range(3):
        (batch,) = lanes.take()
        assert list(lanes.take()) == []
        lanes.done(batch[0])
    assert list(lanes.take()) == []


@pytest.mark.parametrize("older", [{"fresh": False}, {"replays": 1}])
def test_a_fresh_event_does_not_stand_behind_one_that_is_sent_again(older: dict[str, Any]) -> None:
    waiting = [flight(**older) for _ in range(3)]
    fresh = flight()
    lanes = filled(*waiting, fresh)
    assert list(lanes.take()) == [[waiting[0]], [fresh]]


def test_a_destination_that_is_busy_holds_up_no_other() -> None:
    lanes = filled(*(flight() for _ in range(9)))
    assert len(list(lanes.take())) == 8
    others = [flight(destination="2"), flight(property_id=4), flight(delegate="other::actions::send")]
    assert all(lanes.put(it) for it in others)
    assert list(lanes.take()) == [[it] for it in others]


def test_a_request_takes_as_many_as_the_vendor_allows_in_the_order_they_came() -> None:
    flights = [flight(together=3) for _ in range(7)]
    assert list(filled(*flights).take()) == [flights[:3], flights[3:6], flights[6:]]


def test_what_arrives_while_senders_are_busy_shares_the_next_request() -> None:
    lanes = filled(*(flight(fresh=False, together=10) for _ in range(2)))
    (first,) = lanes.take()
    late = [flight(fresh=False, together=10) for _ in range(4)]
    assert all(lanes.put(it) for it in late)
    assert list(lanes.take()) == []
    lanes.done(first[0])
    assert list(lanes.take()) == [late]


@pytest.mark.parametrize("other", [{"environment_id": 6}, {"batch_key": "l"}])
def test_only_what_is_alike_and_of_one_environment_shares_a_request(other: dict[str, Any]) -> None:
    """A credential is never used for another environment."""
    ours, theirs = [flight(together=9), flight(together=9)], [flight(together=9, **other)]
    assert list(filled(ours[0], theirs[0], ours[1]).take()) == [ours, theirs]


def test_those_that_cannot_share_a_request_take_turns() -> None:
    many, few = [flight(fresh=False) for _ in range(3)], [flight(fresh=False, batch_key="l")]
    lanes, order = filled(*many, *few), []
    for _ in range(4):
        (batch,) = lanes.take()
        order += batch
        lanes.done(batch[0])
    assert order == [many[0], few[0], many[1], many[2]]


def test_credentials_are_asked_for_where_a_sender_is_free() -> None:
    lanes = filled(
        flight(fresh=False), flight(fresh=False, environment_id=6), flight(property_id=4, environment_id=7)
    )
    assert lanes.ready_places() == {(3, 5), (3, 6), (4, 7)}
    taken = list(lanes.take())
    assert len(taken) == 2
    assert lanes.ready_places() == set()
    lanes.done(taken[0][0])
    assert lanes.ready_places() == {(3, 6)}


def test_a_lane_holds_two_thousand_and_has_room_again_for_what_was_taken() -> None:
    lanes = filled(*(flight(together=30) for _ in range(2_000)))
    assert not lanes.put(flight(together=30))
    assert lanes.put(flight(together=30, destination="2"))
    taken = sum(len(batch) for batch in lanes.take())
    assert taken == 8 * 30 + 1
    assert [lanes.put(flight()) for _ in range(241)] == [True] * 240 + [False]


def test_what_is_emptied_comes_out_whole_and_leaves_the_lanes_as_new() -> None:
    flights = [flight(batch_key=key) for key in "kkll"] + [flight(fresh=False), flight(destination="2")]
    lanes = filled(*flights)
    assert lanes.empty() == flights
    assert (lanes.empty(), list(lanes.take()), lanes.ready_places()) == ([], [], set())
    assert all(lanes.put(flight()) for _ in range(2_000))
    assert not lanes.put(flight())
