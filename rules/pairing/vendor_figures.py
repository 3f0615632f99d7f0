"""What vendors last said of the keys that pair copies, as *Match Quality* has stored it."""

from __future__ import annotations

from collections.abc import Iterator

from properties.catalog.match_quality import EventQuality
from properties.models import Environment, Property
from rules.match_quality.offers import offers
from rules.match_quality.readings import stored_quality

from .feedback import KeyFeedback


def vendor_figures(prop: Property, environment: Environment) -> list[KeyFeedback]:
    """Return the newest figures of each destination. Nobody is asked for them here."""
    return [
        given
        for offer in offers(prop)
        for destination in stored_quality(offer, environment).destinations
        for event in destination.events
        for given in _of_event(event, destination.destination)
    ]


def _of_event(event: EventQuality, destination: str) -> Iterator[KeyFeedback]:
    for key in event.duplicate_keys:
        shares = (key.browser.percent, key.server.percent, key.overall.percent)
        yield KeyFeedback(event.name, key.name, *shares, destination=destination)
