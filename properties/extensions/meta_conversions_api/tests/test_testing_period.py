"""The time limit for test events. Source: Meta, Using the API: Test Events; they count like all others."""

from __future__ import annotations

import pytest

from ..actions import send_conversions_api_event
from ..checks import check_action
from ..extension import send_event
from ..testing_period import keep_end, production_warnings
from .meta import LEAST, RECEIVED_AT, codes, context, item

TESTING = {"isTestEvent": True, "testEventCode": "TEST1"}
# RECEIVED_AT is 14 November 2023, 22:13:20 UTC.
UNTIL = "2023-11-14T23:13Z"


def test_hours_become_a_moment_when_they_are_saved() -> None:
    assert keep_end({"testEventHours": 1}, RECEIVED_AT) == {"testEventUntil": UNTIL}
    assert keep_end({"testEventHours": "24"}, RECEIVED_AT) == {"testEventUntil": "2023-11-15T22:13Z"}
    assert send_event.on_save is keep_end


def test_saving_again_keeps_the_moment() -> None:
    assert keep_end({"testEventUntil": UNTIL}, RECEIVED_AT + 600) == {"testEventUntil": UNTIL}


def test_an_event_before_the_end_carries_the_code() -> None:
    result = item(TESTING, testEventUntil=UNTIL)
    assert (result.envelope["test_event_code"], result.is_test) == ("TEST1", True)


def test_an_event_after_the_end_is_sent_without_the_code_and_says_so() -> None:
    late = context(received_at=RECEIVED_AT + 3600.0)
    result = send_conversions_api_event(LEAST | TESTING | {"testEventUntil": UNTIL}, late)
    assert ("test_event_code" in result.envelope, result.is_test) == (False, False)
    assert codes(result) == ["test_over"]


def test_without_an_end_the_code_stays() -> None:
    assert item(TESTING).envelope["test_event_code"] == "TEST1"


def test_production_warns_as_long_as_the_code_is_sent() -> None:
    [warning] = production_warnings(LEAST | TESTING | {"testEventUntil": UNTIL}, RECEIVED_AT)
    assert "PageView" in warning
    assert "until Nov 14 2023, 23:13" in warning
    assert list(production_warnings(LEAST | TESTING | {"testEventUntil": UNTIL}, RECEIVED_AT + 3600)) == []
    assert list(production_warnings(LEAST, RECEIVED_AT)) == []


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"testEventHours": 0}, "testEventHours"),
        ({"testEventHours": 721}, "testEventHours"),
        ({"testEventHours": 10**400}, "testEventHours"),
        ({"testEventHours": "9" * 5000}, "testEventHours"),
        ({"testEventHours": "nan"}, "testEventHours"),
        ({"testEventHours": True}, "testEventHours"),
        ({"testEventUntil": "tomorrow"}, "testEventUntil"),
    ],
)
def test_a_time_that_cannot_be_is_a_problem(settings: dict[str, object], path: str) -> None:
    assert [problem.path for problem in check_action(LEAST | TESTING | settings)] == [path]


def test_the_code_now_on_is_told_with_its_end() -> None:
    settings = LEAST | TESTING | {"testEventUntil": UNTIL}
    period = send_event.test_period(settings, RECEIVED_AT)
    assert period is not None
    assert (period.code, period.until) == ("TEST1", RECEIVED_AT - 20 + 3600)
    assert send_event.test_period(settings, RECEIVED_AT + 3600) is None
    assert send_event.test_period(LEAST, RECEIVED_AT) is None


# A code that a person has set for all events of the environment


def test_the_code_of_the_environment_goes_with_every_event_which_stays_a_real_one() -> None:
    result = send_conversions_api_event(LEAST, context(test_code="TEST9"))
    assert result.envelope["test_event_code"] == result.test_code == "TEST9"
    assert not result.is_test
    assert result.dedup_key == "e-1\nPageView"


def test_the_code_of_the_environment_wins_over_that_of_the_action() -> None:
    result = send_conversions_api_event(LEAST | TESTING, context(test_code="TEST9"))
    assert (result.envelope["test_event_code"], result.test_code) == ("TEST9", "TEST9")


def test_codes_that_are_turned_off_are_not_sent() -> None:
    result = send_conversions_api_event(LEAST | TESTING, context(test_code=""))
    assert ("test_event_code" in result.envelope, result.test_code, result.is_test) == (False, "", False)
    assert codes(result) == []
