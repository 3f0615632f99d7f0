"""The events of videos and sounds on the page."""

from __future__ import annotations

from collections.abc import Iterator

from properties.catalog.descriptor import EventType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import without_tokens

from .element_events import least, number_in, on_element, together
from .element_fields import check_elements, on_elements
from .media_examples import MEDIA
from .sources import MEDIA as PAGE

_AMOUNT = Field(key="amount", label="Amount", type="number", required=True, placeholder="50")
_UNIT = Field(
    key="unit",
    label="Unit",
    type="choice",
    required=True,
    tokens=False,
    default="percent",
    options=(("percent", "Percent of the length"), ("second", "Seconds")),
)


def _media(name: str, title: str, description: str) -> EventType:
    return on_element(name, title, description, MEDIA, category="Media", help_url=PAGE)


def _check_percent(settings: Settings) -> Iterator[Problem]:
    amount = number_in(settings, _AMOUNT.key)
    if settings.get(_UNIT.key) == "percent" and amount is not None and amount > 100:
        yield Problem(_AMOUNT.key, _AMOUNT.label, "Enter 100 or less: it is a share of the length.")


def _summarize_time(settings: Settings) -> str:
    unit = "%" if settings.get(_UNIT.key) == "percent" else " seconds"
    return f"{without_tokens(str(settings.get(_AMOUNT.key, '')))}{unit} played{on_elements(settings)}"


MEDIA_EVENTS = (
    _media("media-play", "Media Play", "When a video or sound begins to play, also after a pause."),
    _media("media-pause", "Media Pause", "When a video or sound is paused."),
    _media("media-ended", "Media Ended", "When a video or sound has played to its end."),
    on_element(
        "media-time-played",
        "Media Time Played",
        "When a part of a video or sound has been played.",
        MEDIA,
        category="Media",
        first=(_AMOUNT, _UNIT),
        check=together(check_elements, least(_AMOUNT, 0), _check_percent),
        summary=_summarize_time,
        help_url=PAGE,
    ),
    _media(
        "media-loaded-data", "Media Loaded Data", "When a video has its first picture, or a sound can begin."
    ),
    _media("media-stalled", "Media Stalled", "When the data of a video or sound does not arrive."),
    _media("media-volume-change", "Media Volume Change", "When somebody changes the volume, or mutes it."),
)
