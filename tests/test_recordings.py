from __future__ import annotations

from datetime import UTC, datetime

from .recordings import recording

# The file was recorded on 2026-11-22, and its own clock said so in two places, 16 ms apart.
LATER = datetime(2028, 1, 4, 12, 0, tzinfo=UTC)


def test_a_recorded_request_was_sent_a_minute_ago() -> None:
    xdm = recording("web_sdk_purchase", LATER)["body"]["events"][0]["xdm"]
    assert xdm["timestamp"] == "2028-01-04T11:59:00.000Z"
    assert xdm["placeContext"]["localTime"] == "2028-01-04T11:58:59.984+00:00"


def test_values_that_are_not_times_stay_as_recorded() -> None:
    kept = recording("web_sdk_purchase", LATER)
    assert kept["body"]["events"][0]["data"]["event_id"] == "order-1001"
    assert "_fbc=fb.1.1554763741205." in kept["headers"]["cookie"]
