"""The overview of a property: figures of the last day, live builds, required actions and next steps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from properties.models import Environment, Property
from properties.resources.creation import DEFAULT_PACKAGE
from rules.delivery.destinations.gates import is_let_through
from rules.engine import mask_lookalikes
from rules.explain.delivery_stories import target_of
from rules.explain.refusals import causes
from rules.models import Activation, Build, Delivery, DestinationGate, InboundEvent, RuleComponent

from .filters import EventLogFilter, search_floor

HOURS = 24
MENDED = "Not seen since a newer build went live. The events can be sent again."
MOST_COUNTED = 10_000
MOST_KINDS = 3
WAITING = (Delivery.State.PENDING, Delivery.State.PARKED)
STATES_OF = {
    "delivered": ("delivered",),
    "failed": ("dead", "expired"),
    "waiting": ("received", "open"),
    "no_match": ("no_match",),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Events of one environment in the last day, by outcome.

    Args:
        is_capped: Only the newest events of the property were counted, because there are too many.
    """

    environment: Environment
    received: int
    delivered: int
    failed: int
    waiting: int
    no_match: int
    is_capped: bool

    @property
    def is_production(self) -> bool:
        return _is_production(self.environment)


@dataclass(frozen=True, slots=True)
class Live:
    """An environment with its live build."""

    environment: Environment
    activation: Activation | None

    @property
    def build(self) -> Build | None:
        return self.activation.build if self.activation else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem that needs a person.

    Args:
        gate_id: Gate of a destination that a person may retry at once, or None.
        url: Address of the page that shows or fixes it.
        retry_url: Address that sends the events again; empty if that is not possible.
    """

    title: str
    message: str
    advice: str
    is_bad: bool = True
    gate_id: int | None = None
    url: str = ""
    link: str = ""
    retry_url: str = ""


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


def figures(prop: Property) -> list[Figures]:
    """Count the last day, at most the newest 10,000 events of it.

    Returns:
        Production, then other environments that received events.
    """
    newest = InboundEvent.objects.filter(property_id=prop.pk, id__gte=since()).order_by("-id")
    rows = list(newest.values_list("environment_id", "state", "reason")[: MOST_COUNTED + 1])
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for number, state, reason in rows[:MOST_COUNTED]:
        counts[number]["duplicate" if reason == "duplicate" else state] += 1
    is_capped = len(rows) > MOST_COUNTED
    found = [_figures(each, counts[each.pk], is_capped=is_capped) for each in _production_first(prop)]
    return [each for each in found if each.received or each.is_production]


def _production_first(prop: Property) -> list[Environment]:
    return sorted(prop.environments.all(), key=lambda each: not _is_production(each))


def _figures(environment: Environment, counts: Counter[str], *, is_capped: bool) -> Figures:
    sums = {name: sum(counts[state] for state in states) for name, states in STATES_OF.items()}
    return Figures(environment, counts.total(), is_capped=is_capped, **sums)


def live_builds(prop: Property) -> list[Live]:
    """Return each environment of a property with its live build."""
    return [
        Live(environment, environment.activations.select_related("build__library").first())
        for environment in prop.environments.all()
    ]


# Required actions


def troubles(prop: Property) -> list[Trouble]:
    """Return everything that needs a person, worst first."""
    return [*_closed_destinations(prop), *_failed_builds(prop), *_refusals(prop)]


def _closed_destinations(prop: Property) -> Iterator[Trouble]:
    closed = DestinationGate.objects.filter(property_id=prop.pk).exclude(state=DestinationGate.State.OPEN)
    for gate in closed.order_by("state", "destination"):
        if is_let_through(gate):
            continue
        is_parked = gate.state == DestinationGate.State.PARKED
        waiting = _waiting_by_environment(prop, gate)
        yield Trouble(
            title=_gate_title(gate, is_parked=is_parked),
            message=_with_counts(str(mask_lookalikes(gate.message)), waiting),
            advice=gate.advice or ("" if is_parked else "It is retried automatically. Nothing is lost."),
            is_bad=is_parked and (not waiting or any(_is_production(each) for each in waiting)),
            gate_id=gate.pk if gate.until else None,
            url=_waiting_events(prop),
            link="Show these events",
        )


def _gate_title(gate: DestinationGate, *, is_parked: bool) -> str:
    state = "is on hold: action required" if is_parked else "pauses"
    if not gate.destination:
        return "Every destination of this property is on hold"
    return f"{target_of(f'{gate.package_name}::', gate.destination)} {state}"


def _waiting_by_environment(prop: Property, gate: DestinationGate) -> dict[Environment, int]:
    """Count the deliveries of each environment that wait for a gate, at most 10,000."""
    found = Delivery.objects.filter(property_id=prop.pk, state__in=WAITING)
    if gate.package_name:
        found = found.filter(destination=gate.destination, delegate__startswith=f"{gate.package_name}::")
    counts = Counter(found.order_by().values_list("environment_id", flat=True)[:MOST_COUNTED])
    return {each: counts[each.pk] for each in _production_first(prop) if counts[each.pk]}


def _with_counts(message: str, waiting: Mapping[Environment, int]) -> str:
    counts = ", ".join(f"{environment.name} {count:,}" for environment, count in waiting.items())
    return " ".join(f"{part.rstrip('.')}." for part in (message, counts and f"On hold: {counts}") if part)


def _is_production(environment: Environment) -> bool:
    return environment.stage == Environment.Stage.PRODUCTION


def _waiting_events(prop: Property) -> str:
    return f"{reverse('rules:event_log', args=[prop.uid])}?state=open"


def _failed_builds(prop: Property) -> Iterator[Trouble]:
    """Return the newest build of each environment if it failed."""
    for environment in prop.environments.all():
        newest = environment.builds.defer("document").order_by("-id").first()
        if newest is None or newest.status != Build.Status.FAILED:
            continue
        count = len(newest.problems)
        yield Trouble(
            title=f"The last build for {environment.name} failed",
            message=f"{count} problem{'' if count == 1 else 's'}: {_first(newest.problems)}",
            advice="The environment keeps running the build that was live before.",
            is_bad=_is_production(environment),
            url=reverse("rules:build_detail", args=[prop.uid, newest.uid]),
            link="Show the build",
        )


def _first(problems: Sequence[dict[str, str]]) -> str:
    return f"{problems[0]['where']}: {problems[0]['message']}" if problems else "no reason was recorded."


def _refusals(prop: Property) -> Iterator[Trouble]:
    """Return the most frequent refusals of the last day."""
    for cause in causes(prop, since())[:MOST_KINDS]:
        events = f"{cause.count:,} event{'' if cause.count == 1 else 's'}"
        filtered = EventLogFilter(cause=str(cause.key)).query()
        yield Trouble(
            title=f"{events} refused in rule “{cause.rule_name}” ({cause.where})",
            message=cause.refusal.cause,
            advice=MENDED if cause.mended_at else cause.refusal.advice,
            is_bad=cause.is_bad,
            retry_url=f"{reverse('rules:replay_new', args=[prop.uid])}?{urlencode({'cause': cause.key})}",
            url=f"{reverse('rules:event_log', args=[prop.uid])}?{filtered}",
            link="Show these events",
        )


# Next steps


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
