"""Earlier runs of an event and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.models import Build, Delivery, DeliveryAttempt, Replay, ReplayedEvent

from .delivery_stories import DeliveryStory, delivery_stories
from .outcome_words import ShownOutcome
from .rule_stories import rule_stories
from .sentences import sentence
from .shown_outcomes import event_outcome
from .shown_values import parsed
from .traces import Trace


@dataclass(frozen=True, slots=True)
class EarlierStory:
    """One earlier run of an event.

    Args:
        ended_at: When it reached its outcome.
        replayed_at: When the event was run again.
        replay: The replay that ran it again; None if it was deleted.
        deliveries: Its deliveries that were repeated; those that arrived are listed with the newest run.
    """

    outcome: ShownOutcome
    sentence: str
    ended_at: datetime | None
    replayed_at: datetime | None
    build: Build | None
    replay: Replay | None
    deliveries: list[DeliveryStory]


def earlier_stories(event_id: int, past: Sequence[Delivery]) -> list[EarlierStory]:
    """Return the earlier runs of an event, latest first.

    Args:
        past: Its deliveries from earlier runs.
    """
    rows = ReplayedEvent.objects.filter(event_id=event_id, state=ReplayedEvent.State.RELEASED)
    runs = list(rows.order_by("-released_at"))
    if not runs:
        return []
    replays = {it.pk: it for it in Replay.objects.filter(pk__in=[run.replay_id for run in runs])}
    return [_story(run, replays.get(run.replay_id), past) for run in runs]


def _story(run: ReplayedEvent, replay: Replay | None, past: Sequence[Delivery]) -> EarlierStory:
    build = Build.objects.filter(pk=run.earlier_build_id).first() if run.earlier_build_id else None
    document = (parsed(build.document) if build else None) or {}
    trace = Trace("stored" if run.earlier_trace else "", parsed(run.earlier_trace) or {}, document)
    rows = [it for it in past if it.replayed_at == run.released_at]
    attempts = DeliveryAttempt.objects.filter(delivery_id__in=[it.pk for it in rows]).order_by("id")
    deliveries = delivery_stories(rows, attempts, trace)
    text, _ = sentence(run.earlier_state, run.earlier_reason, rule_stories(trace), deliveries)
    return EarlierStory(
        outcome=event_outcome(run.earlier_state, run.earlier_reason, rows),
        sentence=text,
        ended_at=run.earlier_done_at,
        replayed_at=run.released_at,
        build=build,
        replay=replay,
        deliveries=deliveries,
    )
