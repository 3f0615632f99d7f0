"""Source: Unicode CLDR, number formats; RFC 3339, section 5.8; IANA time zone database."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.errors import InvalidParameter
from properties.catalog.testing import fake_context, run_component

from ..numbers import NUMBER
from ..times import DATE_RANGE, DATE_TO_UNIX_TIME, TIMESTAMP

NOON = 1_782_900_000.0  # 2026-07-01T10:00:00Z, 12:00 in Berlin


def number(value: Any, locale: str) -> Any:
    settings = {"value": "{{Value}}", "locale": locale}
    return run_component(NUMBER, settings, fake_context(data_elements={"Value": value}))


def unix(value: Any, **settings: Any) -> Any:
    given = {"value": "{{Value}}", **settings}
    return run_component(DATE_TO_UNIX_TIME, given, fake_context(data_elements={"Value": value}))


def is_in(received_at: float = NOON, **settings: Any) -> bool:
    return bool(run_component(DATE_RANGE, settings, fake_context(received_at=received_at)))


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("1,234.56", "en_US", 1234.56),
        ("$1,234.56", "en_US", 1234.56),
        ("USD 5", "en_US", 5),
        ("-$5.50", "en_US", -5.5),
        ("5.50-", "en_US", -5.5),
        ("\u22125", "en_US", -5),
        ("1234.50", "en-US", 1234.5),
        ("1.234,56 €", "de_DE", 1234.56),
        ("EUR12,50", "de_DE", 12.5),
        ("1 234,56 €", "fr_FR", 1234.56),
        ("1\u202f234,56", "fr_FR", 1234.56),
        ("1'234.50", "de_CH", 1234.5),
        ("12,34,567.80", "en_IN", 1234567.8),
        ("  7 ", "en_US", 7),
        (12.5, "de_DE", 12.5),
        (0, "de_DE", 0),
        # Without the digit before the decimal mark, and without those after it.
        (".5", "en_US", 0.5),
        ("-.5", "en_US", -0.5),
        (",5 €", "de_DE", 0.5),
        ("5,- €", "de_DE", 5),
        ("5,–", "de_DE", 5),
        ("CHF 1'234.-", "de_CH", 1234),
        ("€ 5,--", "nl_NL", 5),
        # CLDR, accounting: parentheses mean minus.
        ("(12.50)", "en_US", -12.5),
        ("($1,234.50)", "en_US", -1234.5),
        ("$(5)", "en_US", -5),
        ("12.50 (net)", "en_US", 12.5),
        ("-EUR 5", "en_US", -5),
        ("EUR -5", "en_US", -5),
        ("-0", "de_DE", 0),
        ("\u20135,00 €", "de_DE", -5),
        ("pre-tax 5", "en_US", 5),
        ("Rs.500.50", "en_US", 500.5),
        ("１２３", "en_US", 123),
        ("￥１，２３４", "ja_JP", 1234),
        ("١٬٢٣٤٫٥", "ar_EG", 1234.5),
        ("\u200e-1234.5", "en_US", -1234.5),
    ],
)
def test_a_number_is_read_as_the_country_writes_it(text: Any, locale: str, value: float) -> None:
    found = number(text, locale)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("12,50", "en_US"),
        ("12.50", "de_DE"),
        ("1e5", "en_US"),
        ("1_000", "en_US"),
        ("inf", "en_US"),
        ("NaN", "en_US"),
        (".5", "de_DE"),
        ("5,-", "en_US"),
        ("Price - 5", "en_US"),
        ("-(5)", "en_US"),
        ("--5", "en_US"),
        ("12½", "en_US"),
        ("1 234,56", "de_DE"),
        ("5-10", "en_US"),
        ("3 for 2", "en_US"),
        ("free", "en_US"),
        ("", "en_US"),
        ("9" * 61, "en_US"),
        (None, "en_US"),
        (True, "en_US"),
        ([1], "en_US"),
        ({}, "en_US"),
        (float("inf"), "en_US"),
    ],
)
def test_text_that_is_not_a_number_there_returns_nothing(text: Any, locale: str) -> None:
    assert number(text, locale) is None


@pytest.mark.parametrize("locale", ["xx_YY", "de_DE_x_y_z", "../de", "1"])
def test_a_locale_that_does_not_exist_is_refused(locale: str) -> None:
    assert NUMBER.check is not None
    assert [problem.path for problem in NUMBER.check({"value": "1", "locale": locale})] == ["locale"]
    with pytest.raises(InvalidParameter):
        number("1", locale)


@pytest.mark.parametrize(
    ("value", "settings", "result"),
    [
        ("1985-04-12T23:20:50.52Z", {}, 482196050),
        ("1985-04-12T23:20:50.52Z", {"unit": "milliseconds"}, 482196050520),
        ("1996-12-19T16:39:57-08:00", {"unit": "iso"}, "1996-12-20T00:39:57Z"),
        ("2026-07-01", {}, 1782864000),
        ("2026-07-01", {"timezone": "Europe/Berlin"}, 1782856800),
        ("2026-07-01 12:00", {"timezone": "Europe/Berlin"}, 1782900000),
        ("01.07.2026 12:00", {"order": "dmy", "timezone": "Europe/Berlin"}, 1782900000),
        ("07/01/2026", {"order": "mdy"}, 1782864000),
        ("2026-07-01", {"order": "mdy"}, 1782864000),
        (1782900000, {}, 1782900000),
        (1782900000123, {"unit": "milliseconds"}, 1782900000123),
        ("1782900000123", {}, 1782900000),
        ("1782900000.5", {"unit": "milliseconds"}, 1782900000500),
        (1782900000123456, {"unit": "milliseconds"}, 1782900000123),
        (99_999_999_999, {}, 99_999_999_999),
        (100_000_000_000, {}, 100_000_000),
        (0, {}, 0),
        (-1, {}, -1),
        # RFC 3339, section 5.6: T and Z may be in lower case.
        ("1985-04-12t23:20:50.52z", {}, 482196050),
        # RFC 9110, section 5.6.7, its example; and JavaScript's form of that moment.
        ("Sun, 06 Nov 1994 08:49:37 GMT", {}, 784111777),
        ("Sun Nov 06 1994 09:49:37 GMT+0100 (Central European Standard Time)", {}, 784111777),
        ("6 Nov 1994 09:49:37 +0100", {"order": "dmy"}, 784111777),
        ("06 Nov 1994 09:49:37", {"timezone": "Europe/Berlin"}, 784111777),
        ("11/6/1994, 8:49:37\u202fAM", {"order": "mdy"}, 784111777),
        ("11/6/1994 12:49:37 a.m.", {"order": "mdy"}, 784082977),
        ("11/6/1994 12:49:37 PM", {"order": "mdy"}, 784126177),
        # RFC 5545, section 3.3.5: a local time that does not exist has the offset before the gap, and one
        # that occurs twice is the first.
        ("2007-03-11T02:30", {"timezone": "America/New_York", "unit": "iso"}, "2007-03-11T07:30:00Z"),
        ("2007-11-04T01:30", {"timezone": "America/New_York", "unit": "iso"}, "2007-11-04T05:30:00Z"),
    ],
)
def test_a_date_becomes_unix_time(value: Any, settings: dict[str, Any], result: Any) -> None:
    assert unix(value, **settings) == result


NO_DATES = [
    "",
    "tomorrow",
    "Tue, 31 Foo 2026 12:00:00 GMT",
    "31 Feb 2026 12:00:00",
    "2026-02-30",
    "31.12.2026",
    "12",
    "99999-01-01",
    "0001-01-01T00:00:00+14:00",
]


@pytest.mark.parametrize("value", [*NO_DATES, None, True, [], {}, 1e308, -1e308, 10**99, float("nan")])
def test_a_value_that_is_not_a_date_returns_nothing(value: Any) -> None:
    assert unix(value) is None


def test_a_month_beyond_twelve_is_not_a_date() -> None:
    assert unix("31/12/2026", order="mdy") is None


@pytest.mark.parametrize("value", ["3/31/2026 13:05 PM", "3/31/2026 0:05 AM", "3/31/2026 PM"])
def test_an_hour_beyond_half_a_day_is_not_a_time(value: str) -> None:
    assert unix(value, order="mdy") is None


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    for kind in (DATE_TO_UNIX_TIME, DATE_RANGE):
        assert kind.check is not None
        problems = list(kind.check({"value": "1", "start": "2026-01-01", "timezone": "Europe/Atlantis"}))
        assert [problem.path for problem in problems] == ["timezone"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/localtime", "Europe", "\0"])
def test_a_time_zone_is_never_a_file(name: str) -> None:
    with pytest.raises(InvalidParameter):
        unix("2026-07-01", timezone=name)


@pytest.mark.parametrize(
    ("timestamp", "source", "result"),
    [
        ("1996-12-20T00:39:57Z", "event", 851042397),
        ("1996-12-20T00:39:57Z", "received", 1_700_000_000),
        (None, "event", 1_700_000_000),
        ("soon", "event", 1_700_000_000),
    ],
)
def test_the_time_of_an_event(timestamp: Any, source: str, result: int) -> None:
    context = fake_context(xdm={"timestamp": timestamp})
    assert run_component(TIMESTAMP, {"source": source}, context) == result


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"start": "2026-07-01T10:00:00Z"}, True),
        ({"start": "2026-07-01T10:00:01Z"}, False),
        ({"end": "2026-07-01T10:00:00Z"}, True),
        ({"end": "2026-07-01T09:59:59Z"}, False),
        ({"start": "2026-07-01", "end": "2026-07-01"}, True),
        ({"start": "2026-07-01T12:00", "timezone": "Europe/Berlin"}, True),
        ({"start": "2026-07-01T12:00", "timezone": "UTC"}, False),
        ({"end": "2026-06-30"}, False),
        ({"start": 1_782_900_000, "end": "1782900001"}, True),
    ],
)
def test_a_range_includes_both_ends(settings: dict[str, Any], expected: bool) -> None:
    assert is_in(**settings) is expected


def test_the_last_day_counts_whole_in_its_time_zone() -> None:
    last_moment = 1_782_943_199.0  # 2026-07-01T23:59:59 in Berlin
    assert is_in(last_moment, end="2026-07-01", timezone="Europe/Berlin")
    assert not is_in(last_moment + 1, end="2026-07-01", timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        ({}, ["start"]),
        ({"start": "soon"}, ["start"]),
        ({"start": "2026-07-02", "end": "2026-07-01"}, ["end"]),
        ({"start": "2026-07-01", "end": "2026-07-01"}, []),
        ({"start": "{{Start}}", "end": "{{End}}"}, []),
        ({"start": "2026-07-01", "timezone": "{{Zone}}"}, []),
    ],
)
def test_a_range_that_cannot_be_met_is_refused(settings: dict[str, Any], paths: list[str]) -> None:
    assert DATE_RANGE.check is not None
    assert [problem.path for problem in DATE_RANGE.check(settings)] == paths
