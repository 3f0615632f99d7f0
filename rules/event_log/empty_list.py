"""Why the list of events is empty, and where there are some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from properties.models import Property
from rules.delivery.outcome_kinds import OutcomeKind
from rules.explain.outcome_words import WORDS
from rules.models import InboundEvent

from .counts import counts_of
from .filters import RANGES, EventLogFilter
from .log_page import LogAddress
from .search import shown_search

IN_RANGE = {"1h": "in the last hour", "24h": "in the last 24 h", "7d": "in the last 7 days"}


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why the list is empty.

    Args:
        what: What was looked for, in words: ``Delivered events in the last hour``.
        count: How many there are in a wider range; "" if there are none.
        where: That range, in words.
        url: Its address.
        is_first: The environment never received an event.
    """

    what: str = ""
    count: str = ""
    where: str = ""
    url: str = ""
    is_first: bool = False


def nothing(prop: Property, address: LogAddress, *, sees_bodies: bool) -> Nothing:
    """Return why no event fits, and where there are some."""
    asked, environment = address
    if not InboundEvent.objects.filter(environment_id=environment.pk).exists():
        return Nothing(is_first=True)
    what = _what(asked)
    for name in _wider(asked):
        wider = replace(asked, range=name, since="", until="")
        counts = counts_of(prop, wider, environment, sees_bodies=sees_bodies)
        if counts.total:
            url = address.to(range=name, since="", until="")
            return Nothing(what, counts.total_text, IN_RANGE.get(name, "in the last 30 days"), url)
    return Nothing(what)


def _wider(asked: EventLogFilter) -> Sequence[str]:
    """Return the next wider range and the widest."""
    if not asked.range:
        return () if not (asked.since or asked.until) else ("30d",)
    names = list(RANGES)
    following = names[names.index(asked.range) + 1 :]
    return list(dict.fromkeys([*following[:1], *following[-1:]]))


def _what(asked: EventLogFilter) -> str:
    """Return what was looked for, in words."""
    words = [WORDS[OutcomeKind(each)].word for each in sorted(asked.results)]
    subject = f"event with “{shown_search(asked.q)}”" if asked.q else "event"
    parts = [subject, f"that is {' or '.join(words)}" if words else "", IN_RANGE.get(asked.range, "")]
    return " ".join(part for part in parts if part)
