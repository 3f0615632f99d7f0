"""Answers of the Dataset Quality API for tests."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

# Source: Meta, Dataset Quality API
SAMPLE: dict[str, Any] = {
    "web": [
        {
            "event_name": "Purchase",
            "event_match_quality": {
                "composite_score": 6.2,
                "match_key_feedback": [
                    {"identifier": "user_agent", "coverage": {"percentage": 100}},
                    {"identifier": "email", "coverage": {"percentage": 48.3}},
                ],
                "diagnostics": [
                    {
                        "name": "Invalid phone",
                        "description": "Some phone numbers have no country code",
                        "solution": "Send the country code",
                        "percentage": 12.5,
                        "affected_event_count": 5,
                        "total_event_count": 40,
                    }
                ],
            },
            "event_coverage": {"percentage": 80.5, "goal_percentage": 75, "description": "Good coverage"},
            "dedupe_key_feedback": [
                {
                    "dedupe_key": "event_id",
                    "browser_events_with_dedupe_key": {"percentage": 90, "description": "Most have it"},
                    "server_events_with_dedupe_key": {"percentage": 95, "description": "Nearly all"},
                    "overall_browser_coverage_from_dedupe_key": {"percentage": 88, "description": "Matched"},
                }
            ],
            "data_freshness": {"upload_frequency": "real_time", "description": "Sent at once"},
            "acr": {"percentage": 21.4, "description": "More conversions"},
        }
    ]
}


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each part of an answer."""
    if above:
        yield above
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*above, key))


PLACES = [*places(SAMPLE)]


def changed(place: tuple[Any, ...], value: Any = None, *, gone: bool = False) -> dict[str, Any]:
    """The sample answer with one part replaced, or gone."""
    found = copy.deepcopy(SAMPLE)
    part: Any = found
    for step in place[:-1]:
        part = part[step]
    if gone:
        del part[place[-1]]
    else:
        part[place[-1]] = value
    return found
