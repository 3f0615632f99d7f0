"""Facts for the overview of a property: live builds, publications, and the steps to the first event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from properties.models import Environment, Property
from properties.resources.creation import DEFAULT_PACKAGE
from rules.models import Activation, Build, InboundEvent, RuleComponent
from rules.publishing.build_numbers import build_numbers

from .filters import search_floor

HOURS = 24
MOST_MARKS = 12


@dataclass(frozen=True, slots=True)
class Live:
    """An environment with its live build; ``number`` is 0 without one."""

    environment: Environment
    activation: Activation | None
    number: int = 0

    @property
    def build(self) -> Build | None:
        return self.activation.build if self.activation else None

    @property
    def name(self) -> str:
        """The number of the build, with the name of its library: ``41 · Autumn prices``."""
        library = self.build.library.name if self.build and self.build.library else ""
        return " · ".join(filter(None, (str(self.number), library)))

    @property
    def sign(self) -> str:
        """The icon of the environment's stage."""
        return f"env{self.environment.stage[0]}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way from an empty property to the first delivered event."""

    title: str
    help: str
    url: str
    is_done: bool


def since() -> int:
    """Return the smallest event id of the last day."""
    return InboundEvent.first_id_at(timezone.now() - timedelta(hours=HOURS))


def live_builds(prop: Property) -> list[Live]:
    """Return each environment of a property with its live build, production first. Three queries."""
    newest = Activation.objects.filter(environment=OuterRef("pk")).order_by("-id").values("id")[:1]
    environments = list(prop.environments.annotate(live_id=Subquery(newest)))
    ids = [it.live_id for it in environments if it.live_id]
    activations = Activation.objects.select_related("build__library").defer("build__document")
    live = {it.pk: it for it in activations.filter(pk__in=ids)}
    numbers = build_numbers(it.build_id for it in live.values())
    order = list(reversed(Environment.Stage.values))
    rows = [_live(it, live.get(it.live_id or 0), numbers) for it in environments]
    return sorted(rows, key=lambda it: order.index(it.environment.stage))


def _live(environment: Environment, activation: Activation | None, numbers: dict[int, int]) -> Live:
    return Live(environment, activation, numbers.get(activation.build_id, 0) if activation else 0)


def publications(environment: Environment, begin: datetime) -> list[tuple[datetime, str]]:
    """Return when builds went live since ``begin``, oldest first, with their names. Two queries."""
    newest = environment.activations.filter(activated_at__gte=begin).order_by("-id")
    rows = list(newest.values_list("activated_at", "build_id")[:MOST_MARKS])
    numbers = build_numbers(build_id for _, build_id in rows)
    return [(at, f"Build {numbers[build_id]}") for at, build_id in reversed(rows) if build_id in numbers]


def steps(prop: Property) -> list[Step]:
    """Return the steps from an empty property to the first delivered event."""
    return [
        Step(
            "Install an extension that sends",
            "You need the ID and the access token from its vendor.",
            reverse("properties:catalog", args=[prop.uid]),
            prop.extensions.exclude(package_name=DEFAULT_PACKAGE).exists(),
        ),
        Step(
            "Create data elements",
            "They give names to values of the event, such as Email or Value.",
            reverse("properties:data_elements", args=[prop.uid]),
            prop.dataelements.exists(),
        ),
        Step(
            "Create a rule with an action",
            "For example: if the event is a purchase, send it to an advertising platform.",
            reverse("rules:rules", args=[prop.uid]),
            RuleComponent.objects.filter(rule__prop=prop, kind=RuleComponent.Kind.ACTION).exists(),
        ),
        Step(
            "Build and publish",
            "Add all changes to the library, then publish it to an environment.",
            reverse("rules:publishing", args=[prop.uid]),
            Activation.objects.filter(environment__prop=prop).exists(),
        ),
        Step(
            "Send an event",
            "Each environment can send a test event for you, and shows the configuration of the Web SDK.",
            reverse("properties:environments", args=[prop.uid]),
            InboundEvent.objects.filter(property_id=prop.pk).exists(),
        ),
    ]


def last_event_of(environment: Environment) -> InboundEvent | None:
    """Return the newest event of an environment, if it is among the newest of its property."""
    found = InboundEvent.objects.filter(property_id=environment.prop_id, environment_id=environment.pk)
    recent = found.filter(id__gte=search_floor(environment.prop, None) or 0)
    return recent.defer("body", "request", "trace").order_by("-id").first()
