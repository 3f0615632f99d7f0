"""One sentence that says how an environment does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rules.models import Issue

from .counted_events import ARRIVED, FAILED, CountedEvents

_WORDS = {
    Issue.Kind.NOT_SENT: " not sent",
    Issue.Kind.REFUSED: " refused by",
    Issue.Kind.WITHOUT: " delivered without",
    Issue.Kind.ON_HOLD: " on hold",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sentence, with its sign and the class of its colour."""

    text: str
    sign: str
    tone: str


def verdict(name: str, *, is_live: bool, counted: CountedEvents, issues: Sequence[Any]) -> Verdict:
    """Return the sentence about one environment.

    Args:
        name: Of the environment.
        is_live: Whether it runs a build.
        issues: Its open issues, worst first, as rows of the issues table.
    """
    if not is_live:
        return Verdict("No build yet: events are kept, none is sent.", "bug", "warn")
    first = issues[0] if issues else None
    if first and first.issue.kind == Issue.Kind.ON_HOLD and not counted.total.of(ARRIVED):
        return Verdict(f"{name} is on hold: {_cause(first)}.", "hold", "bad")
    if silent := next((it for it in issues if it.issue.kind == Issue.Kind.SILENT), None):
        return Verdict(f"{silent.title}.", silent.sign, silent.tone)
    if first:
        return _with_issue(name, counted, first)
    if not counted.total.total():
        return Verdict(f"No events {counted.span.kind.in_words}.", "nomatch", "")
    return Verdict(f"{name} delivers.", "ok", "ok")


def _with_issue(name: str, counted: CountedEvents, row: Any) -> Verdict:
    total = counted.total
    if row.issue.kind == Issue.Kind.WARNING:
        return Verdict(f"{name} delivers, but look at this: {row.title}.", row.sign, row.tone)
    if total.of(FAILED) and not total.of(ARRIVED):
        return Verdict(f"{name} delivers nothing: {_said(row)}.", row.sign, "bad")
    return Verdict(f"{name} delivers, but {_said(row)}.", row.sign, row.tone)


def _said(row: Any) -> str:
    """Return the title of an issue as the end of a sentence."""
    word = _WORDS.get(row.issue.kind)
    if word and word in row.title:
        before, _, after = row.title.partition(word)
        verb = "are" if row.issue.kind == Issue.Kind.ON_HOLD and not before.startswith("1 ") else "is"
        subject = "an event" if before == "Event" else before
        return f"{subject} {verb}{word}{after}".replace(" is is ", " is ")
    return f"{row.title[:1].lower()}{row.title[1:]}"


def _cause(row: Any) -> str:
    return str(row.issue.message).rstrip(".") or row.title
