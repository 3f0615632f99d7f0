from __future__ import annotations

import pytest

from rules.sandbox import ScriptDegraded, Watcher


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watcher(clock: Clock) -> Watcher:
    return Watcher(clock)


def test_the_third_failure_within_a_minute_degrades_a_script(watcher: Watcher) -> None:
    assert watcher.failed("a", "first") is None
    assert watcher.failed("a", "second") is None
    state = watcher.failed("a", "third")
    assert state is not None
    assert (state.reason, state.failures) == ("third", 3)


def test_failures_more_than_a_minute_apart_do_not_degrade(watcher: Watcher, clock: Clock) -> None:
    for _ in range(10):
        assert watcher.failed("a", "slow") is None
        clock.now += 31.0
    assert watcher.degraded("a") is None


def test_a_degraded_script_is_skipped_for_a_minute_and_then_tried_again(
    watcher: Watcher, clock: Clock
) -> None:
    for _ in range(3):
        watcher.failed("a", "The code used more than its processor time.")
    clock.now += 59.9
    with pytest.raises(ScriptDegraded, match=r"ended 3 times within 60 seconds.*processor time"):
        watcher.refuse_degraded("a")
    clock.now += 0.1
    watcher.refuse_degraded("a")
    assert watcher.failed("a", "again") is None


def test_scripts_do_not_degrade_each_other(watcher: Watcher) -> None:
    for _ in range(3):
        watcher.failed("a", "x")
    watcher.failed("b", "x")
    assert watcher.degraded("a") is not None
    assert watcher.degraded("b") is None


def test_what_is_not_skipped_any_more_is_forgotten(watcher: Watcher, clock: Clock) -> None:
    for number in range(100):
        for _ in range(3):
            watcher.failed(f"pattern {number}", "x")
        clock.now += 10.0
    assert len(watcher._degraded) == 6
