"""The rows of the list of rules, with where each rule is live and how often it ran."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from properties.catalog.registry import find_type
from properties.models import Property
from rules.event_log.counts import count_text
from rules.event_log.rule_counts import MOST_OF_RULE
from rules.models import Rule, RuleComponent
from rules.publishing.live_states import PublishingState, PublishingStates

from .cards import title_of
from .rule_runs import recent_runs

PAGE = 100
MOST_IN_SENTENCE = 2


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list.

    Args:
        asks: Its events and conditions as one short sentence; empty if nothing ever starts it.
        does: Its actions as one short sentence; empty without actions.
        ran: For how many events of the last 24 hours it sent something.
    """

    rule: Rule
    asks: str
    does: str
    state: PublishingState
    ran: str


@dataclass(frozen=True, slots=True)
class RuleList:
    """One page of the list.

    Args:
        page: Number of this page, from 1.
        found: Rules on all pages.
    """

    rows: Sequence[RuleRow]
    page: int
    found: int

    @property
    def more(self) -> int:
        """The number of the next page, or 0."""
        return self.page + 1 if self.found > self.page * PAGE else 0


def rule_list(prop: Property, *, query: str = "", page: int = 1) -> RuleList:
    """Return the rules whose name and sentence have all words of ``query``. Only those shown get a row."""
    rules: QuerySet[Rule] = Rule.objects.filter(prop=prop).prefetch_related("components")
    words = query.lower().split()
    fitting = [rule for rule in rules if _fits(rule, words, prop.is_tags)] if words else rules
    found = len(fitting) if words else rules.count()
    page = min(page, -(-found // PAGE) or 1)
    return RuleList(_rows(prop, list(fitting[(page - 1) * PAGE : page * PAGE])), page, found)


def _rows(prop: Property, rules: Sequence[Rule]) -> list[RuleRow]:
    states, runs = PublishingStates(prop), recent_runs(prop, rules)
    return [
        RuleRow(
            it,
            _asks(it, prop.is_tags),
            _does(it),
            states.of(it),
            count_text(runs.get(it.uid, 0), MOST_OF_RULE),
        )
        for it in rules
    ]


def _fits(rule: Rule, words: Iterable[str], is_tags: bool) -> bool:
    text = f"{rule.name} {_asks(rule, is_tags)} {_does(rule)}".lower()
    return all(word in text for word in words)


def _asks(rule: Rule, is_tags: bool) -> str:
    """Return what a rule asks for. In tags, an event must start it."""
    conditions = _joined(_all_asked(rule, RuleComponent.Kind.CONDITION), " and ")
    if not is_tags:
        return conditions or "every event"
    events = _joined(_all_asked(rule, RuleComponent.Kind.EVENT), " or ")
    return ", and ".join(filter(None, (events, conditions))) if events else ""


def _all_asked(rule: Rule, kind: str) -> list[str]:
    return [_asked(it) for it in rule.components.all() if it.kind == kind]


def _asked(component: RuleComponent) -> str:
    kind: Any = find_type(component.delegate)
    text = component.name or (kind.summary(component.settings) if kind and kind.summary else "")
    text = text or title_of(component)
    return f"not ({text})" if component.negate else text


def _does(rule: Rule) -> str:
    found = [it for it in rule.components.all() if it.kind == RuleComponent.Kind.ACTION]
    return _joined([title_of(it) for it in found], ", then ")


def _joined(parts: list[str], word: str) -> str:
    more = len(parts) - MOST_IN_SENTENCE
    return word.join(parts[:MOST_IN_SENTENCE]) + (f" and {more} more" if more > 0 else "")
