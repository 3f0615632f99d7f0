"""Replays: a page that counts the events first, then a job with progress and a cancel button."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.models.identifiers import row_id
from properties.saving import record
from properties.views.access import property_page
from properties.views.notices import say, warn
from rules.delivery.clock import database_now
from rules.delivery.replay import jobs
from rules.delivery.replay.choice import REFUSALS, ReplayChoice, choose, failed_ids, may_have_arrived
from rules.explain.outcome_words import GROUPS, NOT_SENT, SENDING
from rules.explain.refusals import CauseKey
from rules.models import Replay

from .filters import EventLogFilter
from .found_events import in_parts
from .log_scope import scope_of

MOST_AT_ONCE = 10_000
NOTHING = "Choose the events to send again first."


@dataclass(frozen=True, slots=True)
class Asked:
    """The events that a person chose: rows of the log, all with one cause, or all that a filter means.

    Args:
        filter: The query of an ``EventLogFilter`` with fixed times, or "".
    """

    events: Sequence[str]
    cause: str
    filter: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        cause = query.get("cause", "")
        if given := query.get("filter"):  # All that match: the ticked rows are among them.
            return cls([], "", EventLogFilter.of(QueryDict(given).dict()).pinned().query())
        events = query.getlist("event")[:MOST_AT_ONCE]
        return cls([it for it in events if row_id(it)], cause if CauseKey.read(cause) else "")

    def __bool__(self) -> bool:
        return bool(self.events or self.cause or self.filter)

    def ids(self, prop: Property) -> list[int]:
        """Return ids of the newest chosen events; some may have been deleted."""
        key = CauseKey.read(self.cause)
        if key is not None:
            return failed_ids(prop, cause=Q(**key._asdict()), limit=MOST_AT_ONCE)
        if self.filter:
            asked = EventLogFilter.of(QueryDict(self.filter).dict())
            scope = scope_of(prop, asked, sees_bodies=True)
            return [pk for part in in_parts(scope, MOST_AT_ONCE) for pk in part]
        return [number for it in self.events if (number := row_id(it))]

    @property
    def what(self) -> str:
        """The choice in words: the end of "Replay of …"."""
        if key := CauseKey.read(self.cause):
            return f"events that failed with {key.code or 'one cause'}"
        if self.filter:
            return "all events that match the filter"
        return f"event {self.events[0]}" if len(self.events) == 1 else f"{len(self.events)} chosen events"


@dataclass(frozen=True, slots=True)
class Option:
    """One of the builds that can run the events, with the counts of eligible and refused events."""

    build: str
    label: str
    count: int
    refused: list[tuple[int, str]]


@property_page("develop")
def replay_new(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show how many events can be sent again, and with which build; the form starts the replay."""
    asked = Asked.of(request.POST if request.method == "POST" else request.GET)
    if not asked:
        warn(request, NOTHING)
        return redirect("rules:event_log", prop.uid)
    ids = asked.ids(prop)
    if request.method == "POST" and "key" in request.POST:
        return _start(request, prop, asked, ids)
    options = [_option(prop, ids, value, label) for value, label in reversed(Replay.Build.choices)]
    context = {
        "asked": asked,
        "options": options,
        "chosen": next((it.build for it in options if it.count), ""),
        "total": len(ids),
        "uncertain": may_have_arrived(ids),
        "is_capped": len(ids) == MOST_AT_ONCE,
        "key": uuid.uuid4().hex,
    }
    return render(request, "event_log/replay_new.html", context)


def _option(prop: Property, ids: Sequence[int], build: str, label: str) -> Option:
    found = choose(prop, ids, build, database_now())
    return Option(build, label, len(found.eligible), _refused(found))


def _refused(found: ReplayChoice) -> list[tuple[int, str]]:
    return [(number, REFUSALS[reason]) for reason, number in found.refused.most_common()]


def _start(request: HttpRequest, prop: Property, asked: Asked, ids: Sequence[int]) -> HttpResponse:
    build, key = request.POST.get("build", ""), request.POST.get("key", "")
    if build not in Replay.Build.values or len(key) != len(uuid.uuid4().hex):
        warn(request, "Choose a build, then send again.")
        return redirect("rules:event_log", prop.uid)
    found = choose(prop, ids, build, database_now())
    given = {"build": build, "what": asked.what, "started_by": str(request.user), "key": key}
    is_known = Replay.objects.filter(key=f"{prop.pk}:{key}"[:40]).exists()
    replay = jobs.start(prop, found.eligible, **given)
    if not is_known:
        record(prop, "events.replayed", replay, request.user, events=replay.total, build=build)
        _confirm(request, replay.total)
    return redirect("rules:replay_detail", prop.uid, replay.uid)


def _confirm(request: HttpRequest, total: int) -> None:
    if total:
        say(
            request,
            f"{total:,} event{'' if total == 1 else 's'} will run again, after the events that arrive now.",
        )
    else:
        warn(request, "No event was left to send again. Somebody else may have started the replay.")


@property_page("view")
def replay_detail(request: HttpRequest, prop: Property, replay_uid: str) -> HttpResponse:
    replay = get_object_or_404(Replay, property_id=prop.pk, uid=replay_uid)
    return render(request, "event_log/replay_detail.html", _progress(replay))


@property_page("view")
def replay_progress(request: HttpRequest, prop: Property, replay_uid: str) -> HttpResponse:
    """Show the progress, which the page loads again and again."""
    replay = get_object_or_404(Replay, property_id=prop.pk, uid=replay_uid)
    return render(request, "event_log/replay_progress.html", _progress(replay))


@property_page("develop")
@require_POST
def replay_cancel(request: HttpRequest, prop: Property, replay_uid: str) -> HttpResponse:
    replay = get_object_or_404(Replay, property_id=prop.pk, uid=replay_uid)
    number = jobs.cancel(replay)
    if number:
        record(prop, "events.replay_cancelled", replay, request.user, events=number)
        say(request, f"Cancelled: {number:,} event{'' if number == 1 else 's'} stay as they were.")
    else:
        warn(request, "Nothing was left to cancel.")
    return redirect("rules:replay_detail", prop.uid, replay.uid)


# States of the events of a replay, as its page counts them.
ROWS = (
    ("waiting", SENDING.because("waits for its turn")),
    ("received", SENDING),
    *((state, GROUPS[state]) for state in ("open", "delivered", "no_match", "dead", "expired", "erased")),
    ("refused", NOT_SENT.because("again")),
    ("cancelled", NOT_SENT.because("cancelled")),
)
UNFINISHED = ("waiting", "received", "open")


def _progress(replay: Replay) -> dict[str, Any]:
    counted = jobs.progress(replay)
    unfinished = sum(counted.get(state, 0) for state in UNFINISHED)
    total = max(replay.total, 1)
    return {
        "replay": replay,
        "rows": [(outcome, counted[state]) for state, outcome in ROWS if counted.get(state)],
        "is_moving": replay.state == Replay.State.RUNNING or bool(counted.get("received")),
        "percent": 100 if not replay.total else round(100 * (total - unfinished) / total),
        "left": counted.get("waiting", 0),
    }
