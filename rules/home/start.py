"""Where a person goes on: with a Quick Start, or with a property that does not deliver yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import QuickStart
from properties.catalog.registry import quick_starts
from properties.models import Property
from rules.event_log.overview import Step, steps
from rules.models import QuickStartRun

from .property_table import PropertyRow


@dataclass(frozen=True, slots=True)
class GoOn:
    """The newest property without a live build or events, with its next step."""

    prop: Property
    done: int
    total: int
    next_step: Step

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total)


@dataclass(frozen=True, slots=True)
class Offer:
    """What Quick Start offers on Home.

    Args:
        recipes: By the name of their package.
        run: What this person has begun and not ended, the newest.
        title: Of the quick start that was begun.
    """

    recipes: Mapping[str, QuickStart]
    run: QuickStartRun | None
    title: str


def offer(user: Any) -> Offer:
    """Return what Quick Start offers to a person who may add properties."""
    begun = QuickStartRun.objects.filter(user_id=user.pk, closed_at=None, package__in=quick_starts()).first()
    return Offer(quick_starts(), begun, quick_starts()[begun.package].title if begun else "")


def go_on(
    rows: Sequence[PropertyRow], rights: dict[int, frozenset[str]], run: QuickStartRun | None = None
) -> GoOn | None:
    """Return what to go on with; None if every property that the person develops delivers.

    Args:
        run: A Quick Start whose property is left to its own screens.
    """
    own = run.forwarding_id if run else None
    unfinished = [
        it.prop
        for it in rows
        if it.tone == "none" and "develop" in rights[it.prop.pk] and not it.prop.is_tags and it.prop.pk != own
    ]
    if not unfinished:
        return None
    prop = max(unfinished, key=lambda it: it.pk)
    found = steps(prop)
    left = [step for step in found if not step.is_done]
    return GoOn(prop, len(found) - len(left), len(found), left[0]) if left else None
