"""One reader of times for every package. Source: RFC 9110, 5.6.7; RFC 3339; ECMA-262, 21.4.4.41."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.moments import read_time, units_per_second, unix_number

# Source: RFC 9110, 5.6.7: the three forms of one moment.
RFC_9110 = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994")


@pytest.mark.parametrize(
    "given",
    [
        *RFC_9110,
        *("1994-11-06T08:49:37Z", "1994-11-06 08:49:37 UTC", "1994-11-06 09:49:37 +0100"),
        *("784111777", "784111777000", "784111777000000", "784111777000000000", "7.84111777E+8"),
        *(784111777, 784111777000, 784111777.0),
    ],
)
def test_each_way_to_write_a_moment_returns_the_same_moment(given: Any) -> None:
    moment = read_time(given)
    assert moment is not None
    assert moment.timestamp() == 784_111_777


@pytest.mark.parametrize(
    "given",
    ["", "undefined", "tomorrow", "Nov", "12:30", "7.8E+8", "1e400", 10**400, True, None, [], "9" * 99],
)
def test_a_value_that_is_not_a_moment_returns_nothing(given: Any) -> None:
    assert read_time(given) is None


def test_the_size_of_unix_time_shows_its_unit() -> None:
    sizes = (784111777, 1_795_120_000_000, 1_795_120_000_000_000, 1_795_120_000_000_000_000)
    assert [units_per_second(unix_number(str(size)) or 0) for size in sizes] == [1, 10**3, 10**6, 10**9]
