"""Reasons for refusals in plain words: for one delivery, and counted by cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from properties.catalog import dotted
from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import Explanation, Outcome
from properties.catalog.registry import find_type
from properties.catalog.tokens import tokens_in
from properties.models import DataElement, Environment, Property
from rules.delivery.outcomes import DUPLICATE, LOST, MAY_HAVE_ARRIVED
from rules.delivery.poison_rows import REASON as CONDEMNED
from rules.engine import mask_lookalikes
from rules.models import Activation, Delivery, InboundEvent, RuleComponent

MOST_COUNTED = 2_000
# Outcomes that neither a vendor nor a package decided.
OWN_CODES = frozenset({*MAY_HAVE_ARRIVED, LOST.code, CONDEMNED})
COUNTED_FIELDS = (
    "component_uid", "code", "blamed_field", "rule_name", "delegate", "destination", "message", "advice",
    "event_id", "environment_id", "done_at",
)  # fmt: skip


class CauseKey(NamedTuple):
    """The fields that identify a cause; addresses carry them as text."""

    component_uid: str
    code: str
    blamed_field: str

    @classmethod
    def read(cls, text: str) -> CauseKey | None:
        """Read a cause from an address; return None if the text does not name one."""
        parts = text.split("~")
        return cls(*parts) if len(parts) == len(cls._fields) else None

    def __str__(self) -> str:
        return "~".join(self)


@dataclass(frozen=True, slots=True)
class RefusalExplanation:
    """Why the vendor or its package refused an event.

    Args:
        cause: A sentence; the vendor's own words if the package has no better ones.
        advice: What to do; often empty.
        label: Label of the refused field, as on the form, or "".
        elements: Data elements that fill this field: name → uid; "" if the data element was deleted.
    """

    cause: str
    advice: str = ""
    label: str = ""
    elements: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentRefusals:
    """Refusals with the same cause in one environment.

    Args:
        mended_at: When a newer build went live after the last refusal, if the same action has delivered
            with it. None without that proof.
    """

    name: str
    is_production: bool
    count: int
    mended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Refusals with the same cause.

    Args:
        is_capped: There may be more, older refusals.
        places: The environments, production first.
    """

    key: CauseKey
    refusal: RefusalExplanation
    rule_name: str
    destination: str
    count: int
    last_seen_at: datetime
    is_capped: bool
    places: Sequence[EnvironmentRefusals] = ()

    @property
    def mended_at(self) -> datetime | None:
        """When it was fixed in every environment; None without proof."""
        ends = [place.mended_at for place in self.places]
        return max(end for end in ends if end) if ends and all(ends) else None

    @property
    def is_bad(self) -> bool:
        """Whether production has it now; refusals in other environments do not count."""
        return any(place.is_production and place.mended_at is None for place in self.places)

    @property
    def where(self) -> str:
        """``Production``, or ``Production 2, Development 5``."""
        if len(self.places) == 1:
            return self.places[0].name
        return ", ".join(f"{place.name} {place.count:,}" for place in self.places)


def refusal_of(delivery: Delivery, document: Mapping[str, Any]) -> RefusalExplanation | None:
    """Return why a delivery was refused; None if it was not.

    Args:
        document: The build document that ran.
    """
    if delivery.state != Delivery.State.DEAD or delivery.code == DUPLICATE:
        return None
    outcome = _outcome(delivery.code, delivery.message, delivery.advice, delivery.blamed_field)
    actions = [action for rule in document.get("rules", []) for action in rule["actions"]]
    settings: Mapping[str, Any] = next(
        (it["settings"] for it in actions if it["id"] == delivery.component_uid), {}
    )
    uids = {name: element["id"] for name, element in document.get("dataElements", {}).items()}
    return _refusal(_explanation(delivery.delegate, outcome, settings), outcome, settings, uids)


def causes(prop: Property, since: int) -> list[Cause]:
    """Return the causes of the newest refusals of a property, most frequent first.

    Args:
        since: Only events with at least this id.
    """
    refused = Delivery.objects.filter(
        property_id=prop.pk, event_id__gte=since, state=Delivery.State.DEAD, replayed_at__isnull=True
    )
    rows = list(
        refused.exclude(code=DUPLICATE).order_by("-event_id").values(*COUNTED_FIELDS)[: MOST_COUNTED + 1]
    )
    groups: dict[CauseKey, list[dict[str, Any]]] = {}
    for row in rows[:MOST_COUNTED]:
        groups.setdefault(CauseKey(row["component_uid"], row["code"], row["blamed_field"]), []).append(row)
    facts = _Facts(prop, groups)
    is_capped = len(rows) > MOST_COUNTED
    found = [facts.cause(key, group, is_capped=is_capped) for key, group in groups.items()]
    return sorted(found, key=lambda cause: -cause.count)


class _Facts:
    """Current facts about the actions that some causes name."""

    def __init__(self, prop: Property, keys: Iterable[CauseKey]) -> None:
        self._prop = prop
        uids = {key.component_uid for key in keys}
        components = RuleComponent.objects.filter(rule__prop=prop, uid__in=uids)
        self._settings = dict(components.values_list("uid", "settings"))
        self._environments = list(prop.environments.all())
        self._elements = dict(DataElement.objects.filter(prop=prop).values_list("name", "uid"))

    def cause(self, key: CauseKey, rows: list[dict[str, Any]], *, is_capped: bool) -> Cause:
        last = rows[0]
        outcome = _outcome(key.code, last["message"], last["advice"], key.blamed_field)
        settings = self._settings.get(key.component_uid, {})
        explanation = _explanation(last["delegate"], outcome, settings)
        return Cause(
            key=key,
            refusal=_refusal(explanation, outcome, settings, self._elements),
            rule_name=last["rule_name"],
            destination=last["destination"],
            count=len(rows),
            last_seen_at=_last_seen_at(rows),
            is_capped=is_capped,
            places=sorted(self._places(key.component_uid, rows), key=lambda it: not it.is_production),
        )

    def _places(self, component_uid: str, rows: list[dict[str, Any]]) -> Iterator[EnvironmentRefusals]:
        for environment in self._environments:
            of_it = [row for row in rows if row["environment_id"] == environment.pk]
            if of_it:
                mended_at = self._mended_at(component_uid, environment, _last_seen_at(of_it))
                is_production = environment.stage == Environment.Stage.PRODUCTION
                yield EnvironmentRefusals(environment.name, is_production, len(of_it), mended_at)

    def _mended_at(
        self, component_uid: str, environment: Environment, last_seen_at: datetime
    ) -> datetime | None:
        live = Activation.objects.filter(environment=environment, activated_at__gt=last_seen_at)
        mended_at = live.order_by("activated_at").values_list("activated_at", flat=True).last()
        if mended_at is None:
            return None
        arrived = Delivery.objects.filter(
            property_id=self._prop.pk,
            environment_id=environment.pk,
            event_id__gte=InboundEvent.first_id_at(mended_at),
            component_uid=component_uid,
            state=Delivery.State.DELIVERED,
        )
        return mended_at if arrived.exists() else None


def _outcome(code: str, message: str, advice: str, blamed_field: str) -> Outcome:
    return Outcome("rejected", code, message, advice, blamed_field=blamed_field)


def _explanation(delegate: str, outcome: Outcome, settings: Mapping[str, Any]) -> Explanation:
    kind = None if outcome.code in OWN_CODES else find_type(delegate)
    if isinstance(kind, ActionType) and kind.explain is not None:
        return kind.explain(outcome, settings)
    return Explanation("")


def _refusal(
    found: Explanation, outcome: Outcome, settings: Mapping[str, Any], uids: Mapping[str, str]
) -> RefusalExplanation:
    said = str(mask_lookalikes(outcome.message)) or outcome.code.replace("_", " ")
    names = sorted(tokens_in(dotted.get(settings, found.path))) if found.path else []
    return RefusalExplanation(
        cause=found.cause or said or "No reason was given.",
        advice=found.advice or outcome.advice,
        label=found.label,
        elements={name: uids.get(name, "") for name in names},
    )


def _last_seen_at(rows: list[dict[str, Any]]) -> datetime:
    """Return the newest time; an event that was run again may fail long after it was received."""
    return max(row["done_at"] or _received_at(row["event_id"]) for row in rows)


def _received_at(event_id: int) -> datetime:
    return datetime.fromtimestamp((event_id >> InboundEvent.BITS_BELOW_TIME) / 1000, UTC)
