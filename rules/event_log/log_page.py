"""What the page of the event log shows around its rows: chips, time range, filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from properties.catalog.shown_times import typed
from properties.models import Environment, Property
from rules.delivery.outcome_kinds import OutcomeKind
from rules.explain.delivery_stories import package_of
from rules.explain.outcome_words import WORDS
from rules.explain.refusals import CauseKey
from rules.models import InboundEvent, LogGroup, Replay

from .cause_names import cause_name
from .counts import EventCounts, capped_text
from .filters import ANY_TEST, NAMES, EventLogFilter

RANGE_NAMES = {"1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days"}
USUAL_RANGE = "24h"
MOST_CHOICES = 200
RATE_SECONDS = 60
ORDER = (
    OutcomeKind.DELIVERED, OutcomeKind.WITHOUT, OutcomeKind.NOT_SENT, OutcomeKind.REFUSED,
    OutcomeKind.RETRYING, OutcomeKind.ON_HOLD, OutcomeKind.NO_MATCH, OutcomeKind.DUPLICATE,
    OutcomeKind.SENDING,
)  # fmt: skip


class LogAddress(NamedTuple):
    """The address of the page: its filters and its environment."""

    asked: EventLogFilter
    environment: Environment

    def to(self, **changes: object) -> str:
        """Return the address with other filters, from the newest event on."""
        return f"?{self.asked.query(env=self.environment.uid, **changes)}"


class Choice(NamedTuple):
    """A link that changes one filter."""

    label: str
    url: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A link to one outcome, with the number of its events."""

    label: str
    url: str
    is_chosen: bool
    count: str
    sign: str = ""
    tone: str = ""


def read_filter(query: dict[str, str]) -> EventLogFilter:
    """Read the address of the page: the last day, unless a search or a cause means any time."""
    is_search = any(query.get(name) for name in ("q", "id", "name", "cause", "replay"))
    query = query | {name: typed(query[name]) for name in ("since", "until") if query.get(name)}
    return EventLogFilter.of(query, usual_range="" if is_search else USUAL_RANGE)


def chips(address: LogAddress, counts: EventCounts) -> Iterator[Chip]:
    """Yield a chip for all events and for each outcome that occurs or is chosen."""
    everything, results = sum(counts.by_outcome.values()), address.asked.results
    yield Chip("All", address.to(result=""), not results, capped_text(everything))
    for kind in ORDER:
        count, is_chosen = counts.by_outcome.get(kind, 0), kind in results
        if count or is_chosen:
            word = WORDS[kind]
            label = f"{word.word} …" if kind == OutcomeKind.WITHOUT else word.word
            url = address.to(result="" if is_chosen else kind.value)
            yield Chip(label, url, is_chosen, capped_text(count), word.sign, word.tone)


def ranges(address: LogAddress) -> list[Choice]:
    return [
        Choice(label, address.to(range=name, since="", until=""), address.asked.range == name)
        for name, label in RANGE_NAMES.items()
    ]


class Filters:
    """The filters that live under *Filter*, and those of them that are set.

    Args:
        groups: Title → choices.
        active: Each as a chip that removes it.
    """

    def __init__(self, prop: Property, address: LogAddress) -> None:
        self._prop, self._address = prop, address
        found = LogGroup.objects.filter(property_id=prop.pk, environment_id=address.environment.pk)
        names = ("rule_uid", "rule_name", "destination", "delegate", "test_code")
        rows = list(found.order_by().values_list(*names).distinct()[:MOST_CHOICES])
        self._named = {
            "rule": ("Rule", {uid: name for uid, name, *_ in rows if uid}),
            "destination": ("Destination", {where: where for _, _, where, *_ in rows if where}),
            "extension": ("Extension", {it.partition("::")[0]: package_of(it) for *_, it, _ in rows if it}),
            "test": ("Test code", {ANY_TEST: "Any test code"} | {code: code for *_, code in rows if code}),
        }

    @property
    def groups(self) -> dict[str, list[Choice]]:
        return {
            title: [self._choice(name, value, label) for value, label in _sorted(named)]
            for name, (title, named) in self._named.items()
            if len(named) > 1 or name == "test"
        }

    @property
    def inputs(self) -> list[tuple[str, str]]:
        """The filters as inputs of a form, without the search."""
        asked = self._address.asked
        return [(name, getattr(asked, name)) for name in NAMES if name != "q" and getattr(asked, name)]

    @property
    def active(self) -> list[Choice]:
        asked = self._address.asked
        labels = {"cause": self._cause(), "replay": self._replay()} | {
            name: f"{title}: {named.get(getattr(asked, name), getattr(asked, name))}"
            for name, (title, named) in self._named.items()
        }
        return [
            Choice(label, self._address.to(**{name: ""}))
            for name, label in labels.items()
            if getattr(asked, name)
        ]

    def _cause(self) -> str:
        key = CauseKey.read(self._address.asked.cause)
        return cause_name(self._prop, self._address.environment, key) if key else ""

    def _replay(self) -> str:
        found = Replay.objects.filter(property_id=self._prop.pk, uid=self._address.asked.replay)
        what = found.values_list("what", flat=True).first() if self._address.asked.replay else ""
        return f"Retry of {what}" if what else "A retry that is no longer kept"

    def _choice(self, name: str, value: str, label: str) -> Choice:
        is_chosen = getattr(self._address.asked, name) == value
        return Choice(label, self._address.to(**{name: "" if is_chosen else value}), is_chosen)


def _sorted(named: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(named.items(), key=lambda it: it[1].casefold())


def rate_of(environment: Environment) -> str:
    """Return how many events arrive now, in words; "" if none did in the last minute."""
    since = InboundEvent.first_id_at(timezone.now() - timedelta(seconds=RATE_SECONDS))
    found = InboundEvent.objects.filter(environment_id=environment.pk, id__gte=since)
    count = found.order_by("-id").values("id")[: 100 * RATE_SECONDS].count()
    if count >= RATE_SECONDS:
        return f"{count // RATE_SECONDS} a second"
    return f"{count} a minute" if count else ""
