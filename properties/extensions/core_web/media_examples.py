"""Worked examples of the events of media. The page plays nothing: it dispatches what a player would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from properties.catalog.examples import Example

from .sources import MEDIA as PAGE

_VIDEOS = '<video id="teaser"></video><video id="review"></video>'
_EVENTS = {
    "media-play": "play",
    "media-pause": "pause",
    "media-ended": "ended",
    "media-loaded-data": "loadeddata",
    "media-stalled": "stalled",
    "media-volume-change": "volumechange",
}


def _plays(*seconds: float) -> str:
    """Return code that plays a video of 60 seconds to these times."""
    return (
        "const video = document.querySelector('#teaser');"
        "Object.defineProperty(video, 'seekable', {value: {length: 1, start: () => 0, end: () => 60}});"
        f"for (const time of {list(seconds)}) {{"
        " Object.defineProperty(video, 'currentTime', {value: time, configurable: true});"
        " video.dispatchEvent(new Event('timeupdate')); }"
    )


def _one(title: str, settings: Mapping[str, Any], then: str, result: int = 1) -> Example:
    return Example(
        title=title, settings=settings, page={"html": _VIDEOS, "then": then}, result=result, source=PAGE
    )


def _of_one_video(name: str, event: str) -> Example:
    return _one(
        f"{event} of one video",
        {"elementSelector": "#teaser"},
        f"for (const video of document.querySelectorAll('video')) video.dispatchEvent(new Event('{event}'));",
    )


MEDIA: Mapping[str, Sequence[Example]] = {
    **{name: [_of_one_video(name, event)] for name, event in _EVENTS.items()},
    "media-time-played": [
        _one(
            "Half of a video of 60 seconds starts the rule once",
            {"elementSelector": "#teaser", "amount": 50, "unit": "percent"},
            _plays(10, 29, 31, 32, 59),
        ),
        _one(
            "Ten seconds start the rule again when somebody goes back and watches them again",
            {"amount": 10, "unit": "second"},
            _plays(11, 2, 12),
            2,
        ),
    ],
}
