"""Answers of the Dataset Quality API for tests."""

from __future__ import annotations

from typing import Any

# Source: Meta, Dataset Quality API, sample response.
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
