"""What the pages show of one destination: a row for each event, and everything about the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from properties.catalog import shown_times
from properties.catalog.match_quality import (
    DuplicateKey,
    EventQuality,
    KeyCoverage,
    MatchQuality,
    QualityFinding,
    Share,
)
from rules.event_log.charts import Meter, SmallLine, meter, small_line
from rules.match_quality.readings import HISTORY_DAYS, DestinationQuality

from .score_lines import ScoreChart, score_chart

# Below this share of the goal a score is not only low, it is bad.
BAD = 0.6
# States of an answer that need a person; the others pass by themselves.
NEED_A_PERSON = ("denied", "expired", "gone", "not_set")


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One event in the list.

    Args:
        line: Its scores of the last days, with ``words`` for who cannot see it.
        tone: ``bad``, ``warn`` or "".
    """

    event: EventQuality
    score: str
    meter: Meter | None
    meter_words: str
    line: SmallLine
    line_words: str
    tone: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key: in how many events it is, and what the vendor expects of more."""

    label: str
    percent: str
    meter: Meter
    gain: str


@dataclass(frozen=True, slots=True)
class ChosenEvent:
    """Everything that the vendor says about one event; parts that it left out are empty."""

    event: EventQuality
    chart: ScoreChart
    keys: Sequence[KeyRow]
    findings: Sequence[tuple[QualityFinding, str]]
    duplicates: Sequence[tuple[str, Sequence[tuple[str, str, str]]]]
    facts: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class ShownDestination:
    """One destination on the page.

    Args:
        tone: Of the last answer: ``error`` needs a person, ``warning`` passes, "" is good.
        page: The vendor's own page.
    """

    quality: DestinationQuality
    tone: str
    rows: Sequence[ScoreRow] = ()
    chosen: ChosenEvent | None = None
    page: str = ""
    lowest: ScoreRow | None = field(default=None)


def shown(
    quality: MatchQuality, found: DestinationQuality, asked: str, address: Callable[[str], str]
) -> ShownDestination:
    """Return what a page shows of a destination.

    Args:
        asked: Name of the event to show whole; "" for the one that matters most.
        address: Address of the page with an event chosen, by its name.
    """
    chosen = _choose(found.events, asked, quality.main_event)
    today = timezone.now().date()
    rows = [_row(quality, found, it, address(it.name), it is chosen, today) for it in found.events]
    scored = [row for row in rows if row.event.score is not None]
    return ShownDestination(
        found,
        _tone(found.state),
        rows,
        _chosen(quality, found, chosen, today) if chosen else None,
        quality.page(found.destination) if quality.page and found.destination else "",
        min(scored, key=lambda row: row.event.score or 0.0, default=None),
    )


def _tone(state: str) -> str:
    if state in ("ok", ""):
        return ""
    return "error" if state in NEED_A_PERSON else "warning"


def _choose(events: Sequence[EventQuality], asked: str, main: str) -> EventQuality | None:
    named = {it.name: it for it in reversed(events)}
    return named.get(asked) or named.get(main) or next(iter(events), None)


def _row(
    quality: MatchQuality,
    found: DestinationQuality,
    event: EventQuality,
    url: str,
    is_chosen: bool,
    today: date,
) -> ScoreRow:
    score, most = event.score, quality.most
    days = (today - timedelta(days=before) for before in range(HISTORY_DAYS - 1, -1, -1))
    line = small_line([found.history.get(day, {}).get(event.name) for day in days], least_top=most)
    return ScoreRow(
        event=event,
        score="–" if score is None else f"{score:.1f}",
        meter=None if score is None else meter(score, most),
        meter_words=f"{score:.1f} of {most:g}" if score is not None else "",
        line=line,
        line_words=_line_words(event.name, line),
        tone=tone_of(quality, score),
        url=url,
        is_chosen=is_chosen,
    )


def tone_of(quality: MatchQuality, score: float | None) -> str:
    """Return ``bad`` or ``warn`` for a score below the goal, else ""."""
    if score is None or score >= quality.goal:
        return ""
    return "bad" if score < quality.goal * BAD else "warn"


def _line_words(name: str, line: SmallLine) -> str:
    if line.first is None or line.last is None or line.highest is None:
        return f"{name}: no score in the last {HISTORY_DAYS} days"
    return (
        f"{name}, last {HISTORY_DAYS} days: first {line.first:.1f}, last {line.last:.1f}, "
        f"highest {line.highest:.1f}"
    )


def _chosen(
    quality: MatchQuality, found: DestinationQuality, event: EventQuality, today: date
) -> ChosenEvent:
    scores = {day: each.get(event.name) for day, each in found.history.items()}
    return ChosenEvent(
        event=event,
        chart=score_chart(event.name, scores, today, quality.most, quality.goal, shown_times.zone()),
        keys=[_key_row(quality, key) for key in event.keys],
        findings=[(it, _affected(it)) for it in event.findings],
        duplicates=[(it.name, list(_shares_of(it))) for it in event.duplicate_keys],
        facts=list(_facts(event)),
    )


def _key_row(quality: MatchQuality, key: KeyCoverage) -> KeyRow:
    label = quality.label_of(key.name)
    return KeyRow(
        label, percent_text(key.percent), meter(key.percent or 0.0, 100), _share_text(key.gain, "+")
    )


def _affected(found: QualityFinding) -> str:
    """Say how many events a problem touches: ``12.5 %, 5 of 40 events``."""
    counts = ""
    if found.affected is not None:
        total = f" of {found.total:,.0f}" if found.total is not None else ""
        counts = f"{found.affected:,.0f}{total} events"
    share = percent_text(found.percent) if found.percent is not None else ""
    return ", ".join(filter(None, (share, counts)))


def _shares_of(key: DuplicateKey) -> Iterator[tuple[str, str, str]]:
    """Yield (title, share, words) of what is known about a key for deduplication."""
    titles = ("Browser events with it", "Server events with it", "Browser events matched by a server event")
    for title, share in zip(titles, (key.browser, key.server, key.overall), strict=True):
        if share.is_known:
            yield title, percent_text(share.percent), share.words


def _facts(event: EventQuality) -> Iterator[tuple[str, str, str]]:
    """Yield (title, value, words) of what is known about an event as a whole."""
    if event.coverage.is_known or event.coverage_goal is not None:
        goal = f", goal {percent_text(event.coverage_goal)}" if event.coverage_goal is not None else ""
        yield "Event coverage", f"{percent_text(event.coverage.percent)}{goal}", event.coverage.words
    if event.coverage_gain.is_known:
        yield "Possible with more coverage", _share_text(event.coverage_gain, "+"), ""
    if event.frequency or event.freshness:
        yield "Freshness", event.frequency.replace("_", " ").capitalize() or "–", event.freshness
    for title, share in (event.gains or {}).items():
        yield title, percent_text(share.percent), share.words


def percent_text(percent: float | None) -> str:
    """Return ``48.3 %``, or a dash if it is not known."""
    return "–" if percent is None else f"{percent:.1f}".removesuffix(".0") + " %"


def _share_text(share: Share, sign: str = "") -> str:
    number = f"{sign}{percent_text(share.percent)}" if share.percent is not None else ""
    return ": ".join(filter(None, (number, share.words)))
