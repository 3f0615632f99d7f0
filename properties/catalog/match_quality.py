"""Event match quality: how well a vendor finds the people behind events, as plain data.

A package that offers it has a :class:`MatchQuality` in its descriptor. Its inquiry asks the vendor about each
destination and reads the answers into :class:`QualityReading`. Every part of an answer may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .context import EventContext
from .outbound import Answer, OutboundRequest

ReadingState = Literal[
    "ok",  # there are figures
    "empty",  # the vendor has no figures yet
    "not_set",  # the settings name no destination or no credential
    "denied",  # the credential works, but cannot read figures
    "expired",  # the credential does not work
    "gone",  # the vendor does not know the destination
    "throttled",  # the vendor asks to slow down
    "away",  # no answer, or a temporary problem
    "unreadable",  # an answer that nobody can read
]


@dataclass(frozen=True, slots=True)
class Share:
    """A share in percent, with the vendor's words about it; ``percent`` is None if it is not known."""

    percent: float | None = None
    words: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return self.percent is not None or bool(self.words)


@dataclass(frozen=True, slots=True)
class KeyCoverage:
    """One key that finds people.

    Args:
        name: As the vendor calls it, such as ``email``.
        percent: Share of the events that have it.
        gain: What the vendor expects if more events had it.
    """

    name: str
    percent: float | None = None
    gain: Share = Share()


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """A problem that the vendor found, with its solution.

    Args:
        affected, total: Numbers of events.
    """

    name: str = ""
    description: str = ""
    solution: str = ""
    percent: float | None = None
    affected: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """How well a key tells the vendor that two events are the same one.

    Args:
        browser, server: Share of the events from there that have the key.
        overall: Share of the browser's events that a server event also reports.
    """

    name: str
    browser: Share = Share()
    server: Share = Share()
    overall: Share = Share()


@dataclass(frozen=True, slots=True)
class EventQuality:
    """What a vendor says about the events of one name.

    Args:
        score: None if there is no score yet.
        coverage: Server events as a share of the browser's events.
        coverage_goal: The share that the vendor wants, in percent.
        frequency: How often events are sent, such as ``real_time``.
        gains: Title → what the vendor measured or expects in all.
    """

    name: str
    score: float | None = None
    keys: Sequence[KeyCoverage] = ()
    findings: Sequence[QualityFinding] = ()
    coverage: Share = Share()
    coverage_goal: float | None = None
    coverage_gain: Share = Share()
    duplicate_keys: Sequence[DuplicateKey] = ()
    frequency: str = ""
    freshness: str = ""
    gains: Mapping[str, Share] | None = None

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> EventQuality:
        """Restore what ``dataclasses.asdict`` made."""
        return cls(
            name=stored["name"],
            score=stored["score"],
            keys=[KeyCoverage(it["name"], it["percent"], Share(**it["gain"])) for it in stored["keys"]],
            findings=[QualityFinding(**it) for it in stored["findings"]],
            coverage=Share(**stored["coverage"]),
            coverage_goal=stored["coverage_goal"],
            coverage_gain=Share(**stored["coverage_gain"]),
            duplicate_keys=[_duplicate_key(it) for it in stored["duplicate_keys"]],
            frequency=stored["frequency"],
            freshness=stored["freshness"],
            gains={title: Share(**it) for title, it in (stored["gains"] or {}).items()},
        )

    @property
    def has_figures(self) -> bool:
        """Whether the vendor says anything about these events, besides their name."""
        parts = (self.keys, self.findings, self.duplicate_keys, self.frequency, self.freshness, self.gains)
        is_covered = self.coverage.is_known or self.coverage_gain.is_known or self.coverage_goal is not None
        return self.score is not None or is_covered or any(parts)

    def percent_of(self, key: str) -> float | None:
        """Return the share of the events with a key, or None if the vendor does not list it."""
        return next((it.percent for it in self.keys if it.name == key), None)


def _duplicate_key(stored: Mapping[str, Any]) -> DuplicateKey:
    parts = (Share(**stored[part]) for part in ("browser", "server", "overall"))
    return DuplicateKey(stored["name"], *parts)


@dataclass(frozen=True, slots=True)
class QualityReading:
    """The answer about one destination.

    Args:
        destination: As in deliveries; "" if the settings name none.
        title, message, advice: What the state means, in plain words.
        said, code, reference: The vendor's own words, code, and reference for its support.
    """

    destination: str
    state: ReadingState
    title: str = ""
    message: str = ""
    advice: str = ""
    events: Sequence[EventQuality] = ()
    said: str = ""
    code: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class MatchKey:
    """A key that a package can send.

    Args:
        name: As the vendor calls it in its figures.
        label: Its field in the form of the action.
        setting: Key of that field.
        payload_key: Its dotted place in a payload, such as ``user_data.em``.
        worth: Points of the score that it may be worth, before anything was measured: the package's order.
        usual_names: Names that such a value has in people's data.
    """

    name: str
    label: str
    setting: str
    payload_key: str
    worth: float
    usual_names: Sequence[str] = ()


Reading = Generator[OutboundRequest, Answer, Sequence[QualityReading]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchQuality:
    """How a package reads event match quality from its vendor.

    Args:
        title: Text of the button.
        vendor: Who gives the score.
        ask: ``ask(settings, context)`` yields requests, receives their answers and returns one reading for
            each destination of the configuration. Credentials are markers.
        keys: The keys that raise the score, those worth most first.
        together: Pairs of keys that are worth more together.
        delegate: Name of the action whose form sends them.
        most: The highest score.
        goal: The score that the vendor advises.
        main_event: Name of the event that matters most; pages show it first.
        page: Optional. ``page(destination)`` returns the vendor's own page about it.
        help_url: The vendor's page about the score.
    """

    title: str
    vendor: str
    ask: Callable[[Mapping[str, Any], EventContext], Reading]
    keys: Sequence[MatchKey]
    together: Sequence[tuple[str, str]] = ()
    delegate: str = ""
    most: float = 10.0
    goal: float = 6.0
    main_event: str = ""
    page: Callable[[str], str] | None = None
    help_url: str = ""

    def keys_in(self, payload: Mapping[str, Any]) -> frozenset[str]:
        """Return the names of the keys that a payload has. Unusable values were left out of it before."""
        return frozenset(key.name for key in self.keys if _has(payload, key.payload_key))

    def label_of(self, name: str) -> str:
        """Return the label of a key; the name of one that the package does not send."""
        return next((key.label for key in self.keys if key.name == name), name.replace("_", " ").capitalize())


def _has(payload: Any, path: str) -> bool:
    for step in path.split("."):
        payload = payload.get(step) if isinstance(payload, Mapping) else None
    return payload not in (None, "", [], {})
