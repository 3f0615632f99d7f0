"""Reasons for refusals in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from properties.catalog import dotted
from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import Explanation, Outcome
from properties.catalog.registry import find_type
from properties.catalog.tokens import tokens_in
from rules.delivery.outcomes import DUPLICATE, OWN_CODES
from rules.engine import mask_lookalikes
from rules.models import Delivery


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
        path: Dotted key of the setting, or "".
        allowed: What the vendor takes in this field, or "".
    """

    cause: str
    advice: str = ""
    label: str = ""
    elements: Mapping[str, str] | None = None
    path: str = ""
    allowed: str = ""


def refusal_of(delivery: Delivery, document: Mapping[str, Any]) -> RefusalExplanation | None:
    """Return why a delivery was refused; None if it was not.

    Args:
        document: The build document that ran.
    """
    if delivery.state != Delivery.State.DEAD or delivery.code == DUPLICATE:
        return None
    outcome = outcome_of(delivery)
    actions = [action for rule in document.get("rules", []) for action in rule["actions"]]
    settings: Mapping[str, Any] = next(
        (it["settings"] for it in actions if it["id"] == delivery.component_uid), {}
    )
    uids = {name: element["id"] for name, element in document.get("dataElements", {}).items()}
    return explained(delivery.delegate, outcome, settings, uids)


def explained(
    delegate: str, outcome: Outcome, settings: Mapping[str, Any], uids: Mapping[str, str]
) -> RefusalExplanation:
    """Return why an action's event was refused.

    Args:
        settings: Settings of the action, with tokens in place.
        uids: Data elements of the property: name → uid.
    """
    found = _explanation(delegate, outcome, settings)
    said = str(mask_lookalikes(outcome.message)) or outcome.code.replace("_", " ")
    names = sorted(tokens_in(dotted.get(settings, found.path))) if found.path else []
    return RefusalExplanation(
        cause=found.cause or said or "No reason was given.",
        advice=found.advice or outcome.advice,
        label=found.label,
        elements={name: uids.get(name, "") for name in names},
        path=found.path,
        allowed=found.allowed,
    )


def outcome_of(delivery: Delivery) -> Outcome:
    """Return what a delivery keeps of the outcome that refused it."""
    return Outcome(
        "rejected", delivery.code, delivery.message, delivery.advice, blamed_field=delivery.blamed_field
    )


def _explanation(delegate: str, outcome: Outcome, settings: Mapping[str, Any]) -> Explanation:
    kind = None if outcome.code in OWN_CODES else find_type(delegate)
    if isinstance(kind, ActionType) and kind.explain is not None:
        return kind.explain(outcome, settings)
    return Explanation("")
