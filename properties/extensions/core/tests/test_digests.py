"""Hashes and sampling.

Source: Meta, Customer Information Parameters; NIST, example values; Adobe, Core extension (tags), Sampling.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from properties.catalog.testing import fake_context, run_component

from ..digests import HASH, RANDOM, SAMPLING

# NIST, example values of FIPS 180-4; RFC 1321, A.5.
ABC = {
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "md5": "900150983cd24fb0d6963f7d28e17f72",
}


def hashed(value: Any, **settings: Any) -> Any:
    given = {"value": "{{Value}}", **settings}
    return run_component(HASH, given, fake_context(data_elements={"Value": value}))


def sampled(rate: Any, key: Any = None, *, event: str = "1", rule: str = "RL1", **settings: Any) -> bool:
    context = fake_context(
        data_elements={"Key": key}, inbound_event_id=event, rule={"id": rule, "name": "Rule"}
    )
    return bool(run_component(SAMPLING, {"rate": rate, "key": "{{Key}}", **settings}, context))


def random(event: str, name: str = "Random", **settings: Any) -> Any:
    context = fake_context(inbound_event_id=event, component={"id": name, "name": name})
    return run_component(RANDOM, settings, context)


@pytest.mark.parametrize(("algorithm", "digits"), ABC.items())
def test_hashes_are_those_of_the_standard(algorithm: str, digits: str) -> None:
    assert hashed("abc", algorithm=algorithm) == digits
    assert hashed(" ABC\n", algorithm=algorithm) == digits
    assert hashed(" ABC\n", algorithm=algorithm, normalize=False) != digits


def test_a_number_is_hashed_as_its_text() -> None:
    assert hashed(7) == hashed(7.0) == hashed("7")


def test_of_a_list_each_item_is_hashed() -> None:
    assert hashed(["abc", None, "", "abc"]) == [ABC["sha256"], ABC["sha256"]]


@pytest.mark.parametrize("value", [None, "", "  ", True, {}, {"a": 1}, [], [[]], float("nan")])
def test_these_have_no_hash(value: Any) -> None:
    assert hashed(value) is None


def test_a_random_number_is_fixed_for_its_event_and_element() -> None:
    assert random("1") == random("1")
    assert len({random(str(event)) for event in range(100)}) == 100
    assert random("1", "A") != random("1", "B")


def test_random_numbers_reach_both_ends_and_no_further() -> None:
    assert {random(str(event), min=-1, max="1") for event in range(100)} == {-1, 0, 1}


def test_ends_that_are_no_whole_numbers_are_rounded_inwards() -> None:
    """Adobe, client Core, Random Number: Math.ceil of the minimum, Math.floor of the maximum."""
    assert {random(str(event), min="1.5", max=3.9) for event in range(50)} == {2, 3}
    assert random("1", min=1.2, max=1.8) is None


def test_random_numbers_are_evenly_spread() -> None:
    found = [random(str(event), min=0, max=9) for event in range(5000)]
    assert all(400 < found.count(figure) < 600 for figure in range(10))


@pytest.mark.parametrize("settings", [{"min": 2, "max": 1}, {"min": "x"}, {"max": None}, {"max": 1e308}])
def test_invalid_ends_return_nothing(settings: dict[str, Any]) -> None:
    assert random("1", **settings) is None


def test_a_random_uuid_is_of_version_four() -> None:
    made = uuid.UUID(random("1", kind="uuid"))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)
    assert random("1", kind="uuid") == str(made)


@pytest.mark.parametrize("event", ["1", "2", "3"])
def test_a_rate_of_one_lets_all_pass_and_a_rate_of_zero_none(event: str) -> None:
    assert sampled(1, event=event)
    assert not sampled(0, event=event)


def test_a_share_of_the_events_passes() -> None:
    assert 400 < sum(sampled(0.1, event=str(event)) for event in range(5000)) < 600


def test_all_events_of_a_key_pass_or_none() -> None:
    for key in range(50):
        assert len({sampled(0.5, key, event=str(event)) for event in range(20)}) == 1


def test_who_is_in_the_sample_stays_in_it_when_it_grows() -> None:
    small = {key for key in range(500) if sampled(0.1, key)}
    large = {key for key in range(500) if sampled(0.3, key)}
    assert small < large


def test_rules_choose_apart_unless_they_share_a_cohort() -> None:
    keys = range(200)
    assert [sampled(0.5, k, rule="RL1") for k in keys] != [sampled(0.5, k, rule="RL2") for k in keys]
    one, other = ([sampled(0.5, k, rule=rule, cohort="autumn") for k in keys] for rule in ("RL1", "RL2"))
    assert one == other


def test_without_a_key_each_event_decides_for_itself() -> None:
    for missing in (None, "", {}, []):
        assert len({sampled(0.5, missing, event=str(event)) for event in range(50)}) == 2


@pytest.mark.parametrize("rate", [None, "x", True, {}, [], float("nan")])
def test_an_invalid_rate_lets_nothing_pass(rate: Any) -> None:
    assert not sampled(rate)


@pytest.mark.parametrize(
    ("rate", "count"), [(0.5, 0), ("0.5", 0), ("{{Rate}}", 0), (1.5, 1), (-1, 1), (50, 1)]
)
def test_a_rate_is_a_share(rate: Any, count: int) -> None:
    assert SAMPLING.check is not None
    assert len(list(SAMPLING.check({"rate": rate}))) == count
