"""Test events that a person sends, and the vendor's answer to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import BatchItem, Explanation, Outcome
from properties.catalog.registry import find_package, find_type
from properties.http import transport
from properties.models import Property
from rules.delivery.batch_exchange import for_each
from rules.delivery.batch_sending import TAKEN
from rules.delivery.destinations.gates import HELD, gate_for, troubled_gates
from rules.delivery.in_flight import GateKey
from rules.engine import Outbound, mask_lookalikes
from rules.explain.delivery_stories import target_of
from rules.explain.outcome_words import NOT_SENT, ShownOutcome, attempt_outcome
from rules.explain.outgoing import request_of


class NotSent(Exception):
    """No test event was sent; the message says why."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The vendor's answer to one test event.

    Args:
        sentence: Its meaning in plain words.
        said: The vendor's own words.
    """

    target: str
    outcome: ShownOutcome
    sentence: str
    said: str
    advice: str
    code: str
    reference: str
    milliseconds: int


def send_test(
    prop: Property, items: Sequence[Outbound], secrets: transport.Secrets, settings: Mapping[str, Any]
) -> list[SendResult]:
    """Send each item in a request of its own.

    Args:
        settings: Settings of the action, with tokens in place; they show where a refused value comes from.

    Raises:
        NotSent: An item is not a test event, or its destination is held.
    """
    if not items:
        raise NotSent("There is nothing to send.")
    if not all(isinstance(it.item, BatchItem) and it.item.is_test for it in items):
        raise NotSent("This would be a real event. Only test events can be sent from here.")
    _refuse_held(prop, items)
    return [_send(it, secrets, settings) for it in items]


def _refuse_held(prop: Property, items: Sequence[Outbound]) -> None:
    """Raise ``NotSent`` for a destination that is held on purpose; other trouble does not matter here."""
    gates = troubled_gates()
    for outbound in items:
        destination = getattr(outbound.item, "destination", "")
        gate = gate_for(gates, GateKey(prop.pk, outbound.delegate.partition("::")[0], destination))
        if gate is not None and gate.code == HELD:
            raise NotSent(f"{gate.message} {gate.advice}".strip())


def _send(outbound: Outbound, secrets: transport.Secrets, settings: Mapping[str, Any]) -> SendResult:
    kind = find_type(outbound.delegate)
    try:
        answer = transport.send(request_of(outbound), secrets=secrets)
        read = kind.read_answer if isinstance(kind, ActionType) else None
        read_as = read(answer, 1) if read else Outcome("retry", code=answer.error or str(answer.status))
        found = for_each(read_as, 1)
        outcome = found[0] if isinstance(found, list) else found
        milliseconds = round(answer.duration_seconds * 1000)
    except Misconfigured as error:
        outcome, milliseconds = Outcome("misconfigured", error.code, error.message), 0
    explain = kind.explain if isinstance(kind, ActionType) and outcome.kind not in TAKEN else None
    explanation = explain(outcome, settings) if explain else Explanation("")
    return _result(outbound, outcome, explanation, milliseconds)


def _result(outbound: Outbound, outcome: Outcome, explanation: Explanation, milliseconds: int) -> SendResult:
    package = find_package(outbound.delegate)
    name = package.display_name if package else outbound.delegate
    return SendResult(
        target=target_of(outbound.delegate, getattr(outbound.item, "destination", "")),
        outcome=_shown(outcome.kind),
        sentence=f"{_SENTENCES[outcome.kind].format(name=name)} {explanation.cause}".strip(),
        said=str(mask_lookalikes(outcome.message)),
        advice=explanation.advice or outcome.advice,
        code=outcome.code,
        reference=outcome.reference,
        milliseconds=milliseconds,
    )


def _shown(kind: str) -> ShownOutcome:
    """Return the outcome; what waits or is tried again elsewhere ends here."""
    return NOT_SENT.because(_ENDS[kind]) if kind in _ENDS else attempt_outcome(kind)


_ENDS = {"retry": "no usable answer", "misconfigured": "the configuration is not accepted"}
_SENTENCES = {
    "delivered": "{name} accepted the test event.",
    "rejected": "{name} refused the test event. It would refuse every event like it.",
    "misconfigured": "{name} does not accept events with this configuration. Action required.",
    "accepted": "{name} has accepted the test event and answers later. Look for the event there.",
    "retry": "{name} could not accept it just now. Nothing is kept. Try again in a moment.",
}
