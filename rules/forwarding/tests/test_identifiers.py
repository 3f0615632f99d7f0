"""Ids ascend, whatever the clock does. Source: docs/reference/contracts.md, "Event ids"."""

from __future__ import annotations

import re

from rules.forwarding.event_ids import Identifiers, milliseconds_of, new_uuid

NOW = 1_772_366_400_000


def test_an_id_holds_time_node_and_sequence() -> None:
    given = Identifiers(node=5, clock=lambda: NOW * 1_000_000).next()
    assert given == NOW << 21 | 5 << 13
    assert milliseconds_of(given) == NOW
    assert given < 1 << 63


def test_ids_ascend_within_a_millisecond_and_beyond_its_sequence() -> None:
    identifiers = Identifiers(node=255, clock=lambda: NOW * 1_000_000)
    ids = [identifiers.next() for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert milliseconds_of(ids[-1]) == NOW + 2


def test_ids_ascend_when_the_clock_is_set_back() -> None:
    times = iter([NOW, NOW - 5000, NOW - 4000])
    identifiers = Identifiers(node=0, clock=lambda: next(times) * 1_000_000)
    ids = [identifiers.next() for _ in range(3)]
    assert ids == sorted(set(ids))


def test_ids_go_on_after_the_highest_known_one() -> None:
    highest = (NOW + 60_000) << 21 | 7 << 13 | 8191
    assert Identifiers(node=0, after=highest, clock=lambda: NOW * 1_000_000).next() > highest


def test_a_uuid_has_the_form_of_version_4() -> None:
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    made = {new_uuid() for _ in range(1000)}
    assert len(made) == 1000
    assert all(form.fullmatch(one) for one in made)
