"""The work of one run, step by step: the page asks for each, and a failed one can be repeated."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from properties.models import Property
from rules.documents import InvalidDocument
from rules.models import Build, QuickStartRun

from .making import make, publish_in_development
from .planning import Item, NotPossible, Order

logger = logging.getLogger(__name__)
CLAIM = timedelta(seconds=60)
MOST_SAID = 3
Work = QuickStartRun.Work
GONE = "The access token is no longer stored. Go back to Initial Setup and enter it again."
DELETED = "The property was deleted. Start again, or close this Quick Start."


@dataclass(frozen=True, slots=True)
class WorkStep:
    """One line of the list that ticks itself."""

    label: str
    state: Literal["done", "now", "failed", "later"]


def order_of(run: QuickStartRun) -> Order:
    """Return the order that the answers of a run make."""
    answers = {**run.answers, **run.read_credentials()}
    return Order(run.package, run.domain, answers, run.forwarding_name)


def steps_of(run: QuickStartRun) -> list[WorkStep]:
    """Return every step with its state."""
    works = [it for it in Work if it != Work.DONE]
    reached = list(Work).index(Work(run.work))
    present: Literal["failed", "now"] = "failed" if run.trouble else "now"
    return [
        WorkStep(it.label, "done" if at < reached else present if at == reached else "later")
        for at, it in enumerate(works)
    ]


def do_next(run: QuickStartRun, actor: Any) -> None:
    """Do the next step of a run, unless another page does it now. A failure becomes its ``trouble``."""
    if run.work == Work.DONE or not _claim(run):
        return
    try:
        run.trouble = _done(run, actor)
    except Exception as error:
        logger.exception("Quick Start %s stopped with %s", run.uid, type(error).__name__)
        run.trouble = f"A server error ({type(error).__name__}). See the server log, then try again."
    run.claimed_until = None
    run.save(update_fields=["trouble", "claimed_until", "updated_at"])


def _claim(run: QuickStartRun) -> bool:
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    rows = QuickStartRun.objects.filter(free, pk=run.pk, work=run.work)
    return bool(rows.update(claimed_until=now + CLAIM))


def _done(run: QuickStartRun, actor: Any) -> str:
    """Do the next step; return what went wrong."""
    try:
        if run.work == Work.PROPERTIES:
            _make(run, actor)
            return ""
        prop = run.forwarding if run.work == Work.FORWARDING else run.tags
        return DELETED if prop is None else _build(run, prop, actor)
    except NotPossible as error:
        hidden = {field.key for field in order_of(run).recipe.fields if field.type == "secret"}
        return GONE if hidden & {it.path for it in error.problems} and not run.credentials else str(error)
    except InvalidDocument as error:
        return _said([problem.message for problem in error.problems])


@transaction.atomic
def _make(run: QuickStartRun, actor: Any) -> None:
    made = make(order_of(run), actor)
    run.forwarding, run.tags, run.items = made.forwarding, made.tags, made.plan.listed()
    run.credentials, run.work = "", Work.FORWARDING
    run.save(update_fields=["forwarding", "tags", "items", "credentials", "work"])


def _build(run: QuickStartRun, prop: Property, actor: Any) -> str:
    side = "forwarding" if run.work == Work.FORWARDING else "tags"
    made = publish_in_development(prop, new_items(run, side), actor)
    if made is not None and made.status != Build.Status.SUCCEEDED:
        return _said([f"{it['where']}: {it['message']}" for it in made.problems])
    run.work = Work.TAGS if side == "forwarding" else Work.DONE
    run.save(update_fields=["work"])
    return ""


def new_items(run: QuickStartRun, side: str) -> list[Item]:
    """Return what the run has created in one of its properties."""
    return [Item(kind, name, "new") for kind, name in run.listed(side, "new")]


def _said(sentences: Sequence[str]) -> str:
    return " ".join(_first(sentences))


def _first(sentences: Sequence[str]) -> Iterator[str]:
    yield from sentences[:MOST_SAID]
    if len(sentences) > MOST_SAID:
        yield f"And {len(sentences) - MOST_SAID} more."
