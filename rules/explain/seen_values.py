"""The value that a field at fault had for one event, masked: in its why box, and in the list of events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from properties.catalog import dotted
from rules.models import Delivery, InboundEvent

from .outcome_words import ShownOutcome
from .refusals import explained, outcome_of
from .shown_values import parsed, quoted


def setting_of(run: Mapping[str, Any], component_uid: str, path: str) -> Any:
    """Return one setting of an action from a trace or a build document; None if it is not there."""
    settings = settings_of(run, component_uid)
    return dotted.get(settings, path) if path and settings else None


def settings_of(run: Mapping[str, Any], component_uid: str) -> Any:
    actions = (action for rule in run.get("rules", []) for action in rule["actions"])
    return next((it.get("settings") for it in actions if it["id"] == component_uid), None)


def seen(value: Any) -> str:
    """Return a value for a sentence; "" if it is not one value."""
    return "" if isinstance(value, dict | list) else quoted(value)


def with_value(outcome: ShownOutcome, delivery: Delivery, trace: str) -> ShownOutcome:
    """Return an outcome whose reason is a field with the value that the field had: ``Currency “kronor”``.

    Args:
        delivery: The delivery that decided the outcome.
        trace: Of the event, as stored: masked.
    """
    settings = settings_of(parsed(trace) or {}, delivery.component_uid)
    if not isinstance(settings, dict):
        return outcome
    refusal = explained(delivery.delegate, outcome_of(delivery), settings, {})
    above, _, key = refusal.path.rpartition(".")
    holder = dotted.get(settings, above) if above else settings
    if refusal.label != outcome.reason or not isinstance(holder, dict) or key not in holder:
        return outcome
    return outcome.because(f"{outcome.reason} {seen(holder[key])}".strip())


def failed_traces(deliveries: Iterable[Delivery]) -> dict[int, str]:
    """Return the traces of the events of failed deliveries, by event: these traces are always kept."""
    failed = {it.event_id for it in deliveries if it.state == Delivery.State.DEAD}
    found = InboundEvent.objects.filter(pk__in=failed).values_list("pk", "trace")
    return dict(found) if failed else {}
