from __future__ import annotations

import re
import time

import pytest

from .work import calls_of, hang_limit


def test_a_block_that_hangs_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="still ran after"), hang_limit(0.05):
        time.sleep(30)


def test_a_search_that_hangs_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="still ran after"), hang_limit(0.05):
        re.search("(a+)+$", "a" * 40 + "!")


def test_a_block_that_ends_in_time_passes() -> None:
    with hang_limit(0.05):
        pass
    time.sleep(0.1)


def test_calls_are_counted() -> None:
    def work(times: int) -> None:
        for _ in range(times):
            len("a")

    assert calls_of(lambda: work(200)) - calls_of(lambda: work(100)) == 100
