"""What the panel beside an action's form shows: payload with fields, problems, values, the last events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog.errors import Cure, Problem
from properties.catalog.forms import ComponentForm
from properties.catalog.outbound import Warn
from properties.models import Property
from rules.explain.outcome_words import ShownOutcome
from rules.explain.outgoing import Outgoing
from rules.models import Rule

from .actions import Preview, preview
from .cures import Cures
from .how_filled import how_filled
from .payload_lines import Now, PayloadLine, payload_lines, values_now, with_fields
from .recent_events import recent_events

TABS = ("payload", "problems", "quality", "last")
AT_ONCE = 20  # Events of one request while the last ones are tried.
UNMET = ShownOutcome("Rule would not run", "nomatch", "none")


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """Something to look at, with the input where it is mended.

    Args:
        path: Of the setting that is at fault.
        cure: A change that cures it.
        tone: ``bad`` keeps the event from being sent, ``warn`` does not, ``none`` is advice.
    """

    tone: str
    label: str
    message: str
    input_id: str = ""
    path: str = ""
    cure: Cure | None = None


def problems_of(
    cures: Cures, shown: Preview, errors: Iterable[Problem], advice: Iterable[Problem]
) -> list[ShownProblem]:
    """Return everything that is wrong with a draft and its event, the worst first."""
    refused = [
        ShownProblem("bad", "", text) for text in (shown.refusal, shown.error, *shown.problems) if text
    ]
    warns = [*shown.refused_after, *(warn for request in shown.outgoing for warn in request.warnings)]
    return [
        *(_problem("bad", cures, it) for it in errors),
        *refused,
        *(_problem("warn", cures, it) for it in warns),
        *(_problem("none", cures, it) for it in advice),
    ]


def _problem(tone: str, cures: Cures, it: Problem | Warn) -> ShownProblem:
    name = cures.form.input_of(it.path)
    cure = cures.of(it.path, it.cure if isinstance(it, Problem) else None)
    return ShownProblem(
        tone, it.label, it.message, cures.form[name].auto_id if name else "", it.path, cure if name else None
    )


def requests_of(form: ComponentForm, shown: Preview) -> list[tuple[Outgoing, list[PayloadLine]]]:
    """Return each request with the lines of its payload."""
    return [(it, with_fields(payload_lines(it.body), form)) for it in shown.outgoing]


def nows_of(
    rule: Rule,
    form: ComponentForm,
    shown: Preview,
    requests: Iterable[tuple[Outgoing, list[PayloadLine]]],
) -> Iterator[Now]:
    """Yield what each field gives for the event of the preview, or how often it is empty."""
    lines = next((lines for _, lines in requests), [])
    return values_now(form, lines, shown.elements, how_filled(rule.prop, rule))


@dataclass(frozen=True, slots=True)
class LastEvents:
    """How the newest events would end, as far as they were tried.

    Args:
        counts: Outcome in words → how many.
        tried: How many, of ``total``.
    """

    counts: Mapping[str, int]
    tried: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.tried >= self.total

    @property
    def percent(self) -> int:
        return self.tried * 100 // self.total if self.total else 100

    @property
    def further_json(self) -> str:
        """What the next request sends back."""
        counts = json.dumps([*self.counts.items()])
        return json.dumps({"preview-start": self.tried, "preview-counts": counts})


def try_last(prop: Property, document: Mapping[str, Any], marker: Any, start: int, counts: Any) -> LastEvents:
    """Try a draft on the next few of the newest events.

    Args:
        start: How many were tried before.
        counts: Their outcomes.
    """
    events = recent_events(prop)
    found = Counter(dict(counts))
    for event in events[start : start + AT_ONCE]:
        shown = preview(document, event, marker)
        found[UNMET.word if shown.unmet else shown.outcome.label] += 1
    return LastEvents(dict(found.most_common()), min(start + AT_ONCE, len(events)), len(events))
