"""The estimated match quality of what a preview would send, with the field of each missing key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog.forms import ComponentForm
from properties.models import Property
from rules.event_log.charts import Meter, meter
from rules.match_quality.offers import offer_of
from rules.match_quality.readings import best_calibration
from rules.match_quality.words import KeyWorth, ShownEstimate, shown_estimate


@dataclass(frozen=True, slots=True)
class MissingKey:
    """A key that would not be sent, and its input in the form; "" if the form has none."""

    worth: KeyWorth
    input_id: str


@dataclass(frozen=True, slots=True)
class QualityPreview:
    """The estimate for one event.

    Args:
        bar: The score, and what the best missing key would add; None without an estimate.
        words: The bar for people who cannot see it.
    """

    vendor: str
    estimate: ShownEstimate
    missing: list[MissingKey]
    bar: Meter | None
    words: str


def quality_preview(
    prop: Property, delegate: str, form: ComponentForm, payloads: Iterable[Mapping[str, Any]]
) -> QualityPreview | None:
    """Return the estimate for the first payload of a preview.

    Returns:
        None if the package reads no match quality, or nothing would be sent.
    """
    offer, payload = offer_of(prop, delegate), next(iter(payloads), None)
    if offer is None or payload is None:
        return None
    quality = offer.quality
    calibration = best_calibration(prop, offer.package.name)
    found = shown_estimate(quality, calibration, dict.fromkeys(quality.keys_in(payload), 1.0))
    return QualityPreview(
        vendor=quality.vendor,
        estimate=found,
        missing=list(_missing(form, found.missing)),
        bar=_bar(found, quality.most),
        words=_words(found),
    )


def _missing(form: ComponentForm, missing: Iterable[KeyWorth]) -> Iterator[MissingKey]:
    for worth in missing:
        name = form.input_of(worth.key.setting)
        yield MissingKey(worth, form[name].auto_id if name else "")


def _bar(found: ShownEstimate, most: float) -> Meter | None:
    gain = found.best.gain if found.best and found.best.gain else 0.0
    return meter(found.score, most, gain) if found.score is not None else None


def _words(found: ShownEstimate) -> str:
    if found.score is None:
        return ""
    best = found.best
    more = f", {best.text} with {best.key.label}" if best else ""
    return f"{found.text}{more}"
