"""What would raise the score: keys that the newest events hold and no rule sends, by worth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from properties.catalog.match_quality import MatchKey, MatchQuality
from properties.models import Environment, Property
from properties.resources.fitting_elements import fits
from rules.dry_run.recent_events import recent_events
from rules.dry_run.samples import SampleEvent
from rules.engine import mask_lookalikes
from rules.event_log.charts import Meter, meter
from rules.issues.fixing import field_anchor
from rules.match_quality.calibrating import prior_of
from rules.match_quality.estimator import gain
from rules.match_quality.offers import QualityOffer
from rules.match_quality.readings import Stored
from rules.match_quality.words import KeyWorth, ShownEstimate, calibration_words, shown_estimate
from rules.models import Delivery, RuleComponent

# A key must be in so many more of the events than are sent with it.
LEAST_MORE = 0.1
MOST_ROWS = 12
DEEPEST = 8
SENT = (Delivery.State.DELIVERED, Delivery.State.PENDING, Delivery.State.PARKED)


@dataclass(slots=True)
class SentEvents:
    """Events of one name by one rule: what was sent of them, and what they held.

    Args:
        sent: Name of a key → how many were sent with it.
        held: Name of a key → in how many it was found.
        places: Name of a key → where it was found → how often.
    """

    name: str
    rule_uid: str
    rule_name: str
    component_uid: str
    count: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    places: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def shares(self) -> dict[str, float]:
        return {key: number / self.count for key, number in self.sent.items()}


@dataclass(frozen=True, slots=True)
class RuleEstimate:
    """What a rule sends, and the score to expect for it."""

    name: str
    rule_name: str
    rule_url: str
    count: int
    estimate: ShownEstimate
    meter: Meter | None
    given: str


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """A key that could be sent.

    Args:
        in_data, sent: Shares of the events, in percent.
        place: Where it is found most often.
        vendor_words: What the vendor expects of more, in its words; "" if it says nothing.
    """

    key: MatchKey
    name: str
    in_data: int
    sent: int
    place: str
    worth: KeyWorth
    vendor_words: str
    url: str
    rule_name: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything that the fragment shows about one extension."""

    offer: QualityOffer
    learned: str
    is_learned: bool
    events: int
    rules: Sequence[RuleEstimate]
    rows: Sequence[AdviceRow]


def advice_of(offer: QualityOffer, prop: Property, environment: Environment, stored: Stored) -> Advice:
    """Return what would raise the score, from the newest events of an environment."""
    events = recent_events(prop, environment=environment)
    sent = _sent_events(offer, events)
    actions = dict(RuleComponent.objects.filter(rule__prop=prop).values_list("uid", "rule__uid"))
    rows = [row for it in sent for row in _rows(prop, offer, stored, it, actions)]
    return Advice(
        offer,
        calibration_words(offer.quality, stored.calibration),
        stored.calibration.is_usable,
        len(events),
        [_rule(prop, offer.quality, stored, it, actions) for it in sent],
        sorted(rows, key=lambda row: row.worth.order, reverse=True)[:MOST_ROWS],
    )


def _sent_events(offer: QualityOffer, events: Sequence[SampleEvent]) -> list[SentEvents]:
    calls = {it.event.pk: it.call for it in events if it.event}
    found: dict[tuple[str, str], SentEvents] = {}
    places = _Places(offer.quality)
    # The other conditions are checked here: with them SQLite reads all deliveries of a state.
    rows = Delivery.objects.filter(event_id__in=calls).order_by("-event_id")
    columns = ("event_id", "name", "rule_uid", "rule_name", "component_uid", "payload")
    for *row, delegate, state, replayed_at in rows.values_list(*columns, "delegate", "state", "replayed_at"):
        if delegate != offer.delegate or state not in SENT or replayed_at is not None:
            continue
        event_id, name, rule_uid, rule_name, component_uid, payload = row
        it = found.setdefault((rule_uid, name), SentEvents(name, rule_uid, rule_name, component_uid))
        it.count += 1
        it.sent.update(offer.quality.keys_in(_object(payload)))
        for key, place in places.of(calls[event_id]).items():
            it.held[key] += 1
            it.places.setdefault(key, Counter())[place] += 1
    return sorted(found.values(), key=lambda it: -it.count)


@dataclass
class _Places:
    """Finds the keys that events hold, by the names of their places."""

    quality: MatchQuality
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, call: Mapping[str, Any]) -> dict[str, str]:
        """Return the first place of each key that an event has a value for."""
        found: dict[str, str] = {}
        for place in _filled(call):
            for key in self._keys_at(place):
                found.setdefault(key, place)
        return found

    def _keys_at(self, place: str) -> tuple[str, ...]:
        if place not in self.known:
            keys = (key.name for key in self.quality.keys if fits(place, key.usual_names))
            self.known[place] = tuple(keys)
        return self.known[place]


def _filled(call: Mapping[str, Any]) -> Iterator[str]:
    """Yield the place of every value of an event: ``data.user.email``."""
    event, header = call.get("event") or {}, (call.get("request") or {}).get("header") or {}
    parts = {"data": event.get("data"), "xdm": event.get("xdm"), "cookies": header.get("cookies")}
    for name, value in parts.items():
        yield from _below(name, value, 0)


def _below(place: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and depth < DEEPEST:
        for key, item in value.items():
            yield from _below(f"{place}.{key}", item, depth + 1)
    elif isinstance(value, list) and value and depth < DEEPEST:
        yield from _below(place, value[0], depth + 1)
    elif value not in (None, "", [], {}) and not isinstance(value, bool):
        yield place


def _object(payload: str) -> Mapping[str, Any]:
    try:
        found = json.loads(payload or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _rule(
    prop: Property, quality: MatchQuality, stored: Stored, it: SentEvents, actions: Mapping[str, str]
) -> RuleEstimate:
    estimate = shown_estimate(quality, stored.calibration, it.shares)
    is_there = it.rule_uid in actions.values()
    best = estimate.best
    gain_of_best = best.gain if best and best.gain else 0.0
    return RuleEstimate(
        it.name,
        it.rule_name,
        reverse("rules:rule_edit", args=[prop.uid, it.rule_uid]) if is_there else "",
        it.count,
        estimate,
        meter(estimate.score, quality.most, gain_of_best) if estimate.score is not None else None,
        _given(stored, it.name),
    )


def _given(stored: Stored, name: str) -> str:
    """Return the score that the vendor gave events of this name, as text; "" without one."""
    scores = (event.score for it in stored.destinations for event in it.events if event.name == name)
    return next((f"{score:.1f}" for score in scores if score is not None), "")


def _rows(
    prop: Property, offer: QualityOffer, stored: Stored, it: SentEvents, actions: Mapping[str, str]
) -> Iterator[AdviceRow]:
    prior = prior_of(offer.quality)
    for key in offer.quality.keys:
        sent, held = it.shares.get(key.name, 0.0), it.held[key.name] / it.count
        if held - sent < LEAST_MORE:
            continue
        yield AdviceRow(
            key,
            it.name,
            in_data=round(held * 100),
            sent=round(sent * 100),
            place=str(mask_lookalikes(it.places[key.name].most_common(1)[0][0])),
            worth=KeyWorth(key, gain(stored.calibration, prior, it.shares, key.name, held)),
            vendor_words=_vendor_words(stored, it.name, key.name),
            url=_field(prop, it, key, actions),
            rule_name=it.rule_name,
        )


def _vendor_words(stored: Stored, name: str, key: str) -> str:
    events: Iterable[Any] = (e for it in stored.destinations for e in it.events if e.name == name)
    gains = (row.gain for event in events for row in event.keys if row.name == key and row.gain.is_known)
    found = next(gains, None)
    if found is None:
        return ""
    number = f"+{found.percent:g} %" if found.percent is not None else ""
    return " ".join(filter(None, (number, found.words)))


def _field(prop: Property, it: SentEvents, key: MatchKey, actions: Mapping[str, str]) -> str:
    """Return the address of the field that sends a key; "" if the action is gone."""
    if it.component_uid not in actions:
        return ""
    page = reverse("rules:component_edit", args=[prop.uid, actions[it.component_uid], it.component_uid])
    return f"{page}#{quote(field_anchor(key.setting))}"
