"""Reads answers of Meta's Dataset Quality API. Every part may be missing, of another type, or new.

Source: Meta, Dataset Quality API.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from properties.catalog.match_quality import DuplicateKey, EventQuality, KeyCoverage, QualityFinding, Share

MOST_EVENTS, MOST_PARTS = 200, 50
LONGEST_NAME, LONGEST_TEXT = 100, 600
HIGHEST_SCORE = 10.0
GAINS = {
    "acr": "Additional conversions reported",
    "event_potential_aly_acr_increase": "Possible with better match quality",
}


def read_events(body: Mapping[str, Any]) -> list[EventQuality]:
    """Return the events of an answer in Meta's order, each name once. Events without a name are left out."""
    found: dict[str, EventQuality] = {}
    for part in list(_objects(body.get("web")))[:MOST_EVENTS]:
        event = _event(part)
        if event.name:
            found.setdefault(event.name, event)
    return list(found.values())


def _event(part: Mapping[str, Any]) -> EventQuality:
    quality, coverage = _object(part.get("event_match_quality")), _object(part.get("event_coverage"))
    freshness = _object(part.get("data_freshness"))
    return EventQuality(
        name=_text(part.get("event_name"), LONGEST_NAME),
        score=_within(quality.get("composite_score"), HIGHEST_SCORE),
        keys=[it for it in map(_key, _parts(quality.get("match_key_feedback"))) if it.name],
        findings=[it for it in map(_finding, _parts(quality.get("diagnostics"))) if it != QualityFinding()],
        coverage=_share(coverage),
        coverage_goal=_percent(coverage.get("goal_percentage")),
        coverage_gain=_share(coverage.get("potential_aly_acr_increase")),
        duplicate_keys=[it for it in map(_duplicate_key, _parts(part.get("dedupe_key_feedback"))) if it.name],
        frequency=_text(freshness.get("upload_frequency"), LONGEST_NAME),
        freshness=_text(freshness.get("description")),
        gains={title: it for key, title in GAINS.items() if (it := _share(part.get(key))).is_known},
    )


def _key(part: Mapping[str, Any]) -> KeyCoverage:
    return KeyCoverage(
        _text(part.get("identifier"), LONGEST_NAME),
        _percent(_object(part.get("coverage")).get("percentage")),
        _share(part.get("potential_aly_acr_increase")),
    )


def _finding(part: Mapping[str, Any]) -> QualityFinding:
    return QualityFinding(
        name=_text(part.get("name")),
        description=_text(part.get("description")),
        solution=_text(part.get("solution")),
        percent=_percent(part.get("percentage")),
        affected=_number(part.get("affected_event_count")),
        total=_number(part.get("total_event_count")),
    )


def _duplicate_key(part: Mapping[str, Any]) -> DuplicateKey:
    return DuplicateKey(
        _text(part.get("dedupe_key"), LONGEST_NAME),
        browser=_share(part.get("browser_events_with_dedupe_key")),
        server=_share(part.get("server_events_with_dedupe_key")),
        overall=_share(part.get("overall_browser_coverage_from_dedupe_key")),
    )


def _share(part: Any) -> Share:
    found = _object(part)
    return Share(_number(found.get("percentage")), _text(found.get("description")))


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from list(_objects(value))[:MOST_PARTS]


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (it for it in (value if isinstance(value, list) else []) if isinstance(it, Mapping))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any, longest: int = LONGEST_TEXT) -> str:
    return " ".join(value.replace("\x00", "").split())[:longest] if isinstance(value, str) else ""


def _percent(value: Any) -> float | None:
    return _within(value, 100.0)


def _within(value: Any, most: float) -> float | None:
    found = _number(value)
    return found if found is not None and found <= most else None


def _number(value: Any) -> float | None:
    """Return a number of zero or more, also if it is sent as text; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None
