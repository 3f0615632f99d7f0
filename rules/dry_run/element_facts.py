"""The value of every data element now, and how often it had one in the newest events."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum

from properties.models import DataElement, Extension, Property
from properties.resources.unsaved import dry_run_environment
from properties.secrets.belonging import DryRunMarkers
from rules.engine import CompiledBuild, RunResult, masked_trace, read_elements
from rules.explain.shown_values import as_line, type_name, why_failed
from rules.models import Rule
from rules.sandbox import shared_sandbox

from .recent_events import newest_id, recent_events
from .samples import SampleEvent
from .saved_elements import SavedElements, saved_elements

# Custom code takes about a thousand times as long as a path.
MOST_WITH_CODE = 20
# Masking costs more than reading. Rare values that came earlier than this are only counted.
MOST_MASKED = 30
LONGEST_VALUE = 200
# A busy site receives an event at every look.
FRESH_SECONDS = 15.0
KEPT = 32

Stamp = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ElementFact:
    """What one data element gave.

    Args:
        value: The newest one, masked, in one line; empty if there was none.
        value_type: Its JSON type.
        is_older: The newest event of all had no value.
        filled: Events in which it had a value, of ``seen``.
        is_waiting: Custom code has not run yet.
    """

    value: str = ""
    value_type: str = ""
    is_missing: bool = False
    is_older: bool = False
    used_default: bool = False
    error: str = ""
    filled: int = 0
    seen: int = 0
    is_waiting: bool = False

    @property
    def percent(self) -> int:
        """The share of events with a value, rounded down, so that 100 means every event."""
        return self.filled * 100 // self.seen if self.seen else 0

    @property
    def is_often_empty(self) -> bool:
        return bool(self.seen) and self.filled * 2 < self.seen


@dataclass(frozen=True, slots=True)
class ElementFacts:
    """The facts about all data elements of a property.

    Args:
        newest: Id of the event that gave the values; empty without events.
        seen: How many events were read.
        problems: Why nothing could be read.
    """

    by_name: Mapping[str, ElementFact] = field(default_factory=dict)
    newest: str = ""
    seen: int = 0
    problems: tuple[str, ...] = ()

    @property
    def has_waiting(self) -> bool:
        return any(fact.is_waiting for fact in self.by_name.values())


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Stamp
    newest: int
    with_code: bool
    at: float
    facts: ElementFacts


_kept: OrderedDict[int, _Kept] = OrderedDict()


def element_facts(prop: Property, *, with_code: bool) -> ElementFacts:
    """Return the facts about all enabled data elements, from the newest events.

    They are kept until something is saved; while events arrive, for a few seconds at most.

    Args:
        with_code: Run custom code too, for fewer events. Without it such data elements wait.
    """
    stamp, newest = stamp_of(prop), newest_id(prop)
    if (kept := _fresh(prop, stamp, newest)) and (kept.with_code or not with_code):
        return kept.facts
    facts = _facts(prop, saved_elements(prop), with_code=with_code)
    _kept[prop.pk] = _Kept(stamp, newest, with_code or not facts.has_waiting, time.monotonic(), facts)
    _kept.move_to_end(prop.pk)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return facts


def plain_values(prop: Property) -> dict[str, str]:
    """Return the unmasked value of each data element for the newest event, in one line, by name."""
    build, samples = saved_elements(prop).build, recent_events(prop, 1)
    if build is None or not samples:
        return {}
    result = _read(build, build.elements, samples[0], _markers(prop))
    return {name: _line(run.value, result.secrets) for name, run in result.elements.items()}


def _fresh(prop: Property, stamp: Stamp, newest: int) -> _Kept | None:
    kept = _kept.get(prop.pk)
    if kept is None or kept.stamp != stamp:
        return None
    return kept if kept.newest == newest or time.monotonic() - kept.at < FRESH_SECONDS else None


def stamp_of(prop: Property) -> Stamp:
    """Return a value that changes with everything that is saved or deleted in a property."""
    counted = (
        model._default_manager.filter(prop=prop).aggregate(Count("pk"), Sum("revision_number"))
        for model in (DataElement, Rule, Extension)
    )
    return prop.uid, prop.updated_at, *(tuple(each.values()) for each in counted)


def _facts(prop: Property, saved: SavedElements, *, with_code: bool) -> ElementFacts:
    if saved.build is None:
        return ElementFacts(problems=saved.problems)
    events, marker = recent_events(prop), _markers(prop)
    plain = [name for name in saved.build.elements if name not in saved.scripted]
    found = dict(_count(saved.build, plain, events, marker))
    if with_code:
        found |= _count(saved.build, saved.scripted, events[:MOST_WITH_CODE], marker)
    else:
        found |= dict.fromkeys(saved.scripted, ElementFact(is_waiting=True))
    for name, way in (saved.circular or {}).items():
        found[name] = ElementFact(error=f"It reads itself: {way}.", is_missing=True)
    newest = events[0].inbound_event_id if events else ""
    return ElementFacts(found, newest, len(events))


def _count(
    build: CompiledBuild, names: Collection[str], events: Sequence[SampleEvent], marker: Callable[[str], str]
) -> Iterator[tuple[str, ElementFact]]:
    filled: Counter[str] = Counter()
    shown: dict[str, dict[str, Any]] = {}
    older: set[str] = set()
    for place, event in enumerate(events if names else ()):
        result = _read(build, names, event, marker)
        given = [name for name, value in _values(result) if value is not None and value != ""]
        if place == 0 or (place < MOST_MASKED and any(name not in filled for name in given)):
            older.update(name for name in given if place and name not in filled)
            shown |= {it["name"]: it for it in masked_trace(result)["elements"] if it["name"] not in filled}
        filled.update(given)
    for name in names:
        yield name, _fact(shown.get(name), filled[name], len(events), is_older=name in older)


def read_values(
    build: CompiledBuild, names: Collection[str], event: SampleEvent, marker: Callable[[str], str]
) -> list[str]:
    """Return the names of the data elements that have a value in an event."""
    result = _read(build, names, event, marker)
    return [name for name, value in _values(result) if value is not None and value != ""]


def _values(result: RunResult) -> Iterator[tuple[str, Any]]:
    """Yield the value of each data element; those that read the stash of a rule are only recorded."""
    yield from result.values.items()
    yield from ((name, run.value) for name, run in result.recorded.items() if name not in result.values)


def _fact(run: Mapping[str, Any] | None, filled: int, seen: int, *, is_older: bool) -> ElementFact:
    if run is None:
        return ElementFact(seen=seen)
    value = run["value"]
    return ElementFact(
        value=_line(value, {}),
        value_type="" if value is None else type_name(value),
        is_missing=value is None or value == "",
        is_older=is_older,
        used_default=run["used_default"],
        error=why_failed(run["error"]),
        filled=filled,
        seen=seen,
    )


def _read(
    build: CompiledBuild, names: Collection[str], event: SampleEvent, marker: Callable[[str], str]
) -> RunResult:
    return read_elements(
        build,
        names,
        event.call,
        inbound_event_id=event.inbound_event_id,
        received_at=event.received_at,
        installation=settings.INSTALLATION,
        secret_marker=marker,
        scripts=shared_sandbox().sandbox,
    )


def _markers(prop: Property) -> DryRunMarkers:
    return DryRunMarkers(prop, dry_run_environment(prop))


def _line(value: Any, secrets: Mapping[str, str]) -> str:
    text = "" if value is None else as_line(value)
    for marker, name in secrets.items():
        text = text.replace(marker, f"secret “{name}”")
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
