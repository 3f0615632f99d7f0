"""The estimated match quality of one event, for each delivery that finds people by keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog.registry import find_package
from properties.models import Environment, Property
from rules.match_quality.offers import QualityOffer, offer_of
from rules.match_quality.readings import best_calibration
from rules.match_quality.words import ShownEstimate, shown_estimate
from rules.models import Delivery


@dataclass(frozen=True, slots=True)
class EventEstimate:
    """The estimate for what one vendor got, or would have got."""

    vendor: str
    name: str
    estimate: ShownEstimate


def estimates_of(prop: Property, event_id: int, environment: Environment | None) -> list[EventEstimate]:
    """Return an estimate for each name under which an extension with match quality sent an event.

    At most three statements for each such extension; one if there is none.
    """
    rows = Delivery.objects.filter(event_id=event_id, replayed_at=None).exclude(payload="").order_by("id")
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for delegate, name, payload in rows.values_list("delegate", "name", "payload"):
        package = find_package(delegate)
        if package and package.match_quality:
            found.setdefault((delegate, name), _object(payload))
    return list(_estimates(prop, found, environment))


def _estimates(
    prop: Property, payloads: Mapping[tuple[str, str], Mapping[str, Any]], environment: Environment | None
) -> Iterator[EventEstimate]:
    offers: dict[str, QualityOffer | None] = {delegate: offer_of(prop, delegate) for delegate, _ in payloads}
    for (delegate, name), payload in payloads.items():
        if offer := offers[delegate]:
            shares = dict.fromkeys(offer.quality.keys_in(payload), 1.0)
            calibration = best_calibration(prop, offer.package.name, environment)
            yield EventEstimate(
                offer.quality.vendor, name, shown_estimate(offer.quality, calibration, shares)
            )


def _object(payload: str) -> Mapping[str, Any]:
    try:
        found = json.loads(payload)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
