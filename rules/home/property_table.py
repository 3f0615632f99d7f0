"""The properties of a person with their state, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from properties.models import Environment, Property
from properties.views.navigation import home_of
from rules.models import Activation, Issue
from rules.publishing.build_numbers import build_numbers

from .attention import Attention
from .figures import PropertyFigures, figures_of

Stage = Environment.Stage
# The environment whose state a property shows: the first of these that runs a build.
ORDER = (Stage.PRODUCTION, Stage.STAGING, Stage.DEVELOPMENT)


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """One property as the table shows it.

    Args:
        environment: Whose figures these are; None if the property has none.
        number: Number of the live build; 0 if there is none.
    """

    prop: Property
    url: str
    environment: Environment | None
    sign: str
    tone: str
    state: str
    figures: PropertyFigures
    number: int = 0
    live_since: datetime | None = None

    @property
    def is_production(self) -> bool:
        return self.environment is None or self.environment.stage == Stage.PRODUCTION


def shown_environments(props: Iterable[Property]) -> tuple[list[Environment], dict[int, Activation]]:
    """Return the environment of each property that Home is about, and the activations of those."""
    newest = Activation.objects.filter(environment_id=OuterRef("pk")).order_by("-id").values("pk")[:1]
    found = Environment.objects.filter(prop__in=[it.pk for it in props]).annotate(live=Subquery(newest))
    by_property: dict[int, list[Environment]] = {}
    for environment in found:
        by_property.setdefault(environment.prop_id, []).append(environment)
    chosen = [_shown(it) for it in by_property.values()]
    live = Activation.objects.filter(pk__in=[it.live for it in chosen if it.live])  # type: ignore[attr-defined]
    return chosen, {it.environment_id: it for it in live}


def _shown(environments: Sequence[Environment]) -> Environment:
    def rank(environment: Environment) -> tuple[bool, int]:
        return environment.live is None, ORDER.index(Stage(environment.stage))  # type: ignore[attr-defined]

    return min(environments, key=rank)


def property_rows(
    props: Sequence[Property],
    environments: Sequence[Environment],
    live: Mapping[int, Activation],
    needs: Mapping[int, Sequence[Attention]],
    now: datetime,
) -> list[PropertyRow]:
    """Return a row for each property, in their order.

    Args:
        environments: One of each property.
        live: The activation that counts, by id of the environment.
        needs: What needs a person, by id of the property.
    """
    by_property = {it.prop_id: it for it in environments}
    figures = figures_of(environments, now)
    numbers = build_numbers(it.build_id for it in live.values())
    return [_row(it, by_property.get(it.pk), live, needs.get(it.pk, ()), figures, numbers) for it in props]


def _row(
    prop: Property,
    environment: Environment | None,
    live: Mapping[int, Activation],
    needs: Sequence[Attention],
    figures: Mapping[int, PropertyFigures],
    numbers: Mapping[int, int],
) -> PropertyRow:
    activation = live.get(environment.pk) if environment else None
    counted = figures.get(environment.pk) if environment else None
    sign, tone, state = _state(prop, needs, activation is not None, counted)
    return PropertyRow(
        prop=prop,
        url=home_of(prop),
        environment=environment,
        sign=sign,
        tone=tone,
        state=state,
        figures=counted or PropertyFigures(),
        number=numbers.get(activation.build_id, 0) if activation else 0,
        live_since=activation.activated_at if activation else None,
    )


def _state(
    prop: Property, needs: Sequence[Attention], is_live: bool, figures: PropertyFigures | None
) -> tuple[str, str, str]:
    """Return sign, tone and words of the state of a property."""
    if any(it.row and it.row.issue.kind == Issue.Kind.ON_HOLD for it in needs):
        return "hold", "warn", "On hold"
    if needs:
        worst = min(needs, key=lambda it: it.tone != "bad")
        return worst.sign, worst.tone, f"{len(needs)} issue{'' if len(needs) == 1 else 's'}"
    if not is_live:
        return "wait", "none", "No build yet"
    if prop.is_tags:
        return "ok", "ok", "Live"
    if figures is None or not figures.received:
        return "wait", "none", "No events"
    return "ok", "ok", "Delivers"
