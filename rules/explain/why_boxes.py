"""The why box of an event: the verdict, where the value came from, what is allowed, and the cure. Said once.

Source: docs/states.md, "What the states mean".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from properties.catalog.tokens import tokens_in
from rules.delivery.outcome_kinds import OutcomeKind
from rules.delivery.refused_fields import is_lost

from .delivery_stories import DeliveryStory
from .element_stories import ElementStory
from .outcome_words import ShownOutcome
from .seen_values import seen, setting_of
from .traces import Trace

# The ground of the box. Calm when good.
_GROUNDS = {
    OutcomeKind.REFUSED: "bad",
    OutcomeKind.NOT_SENT: "bad",
    OutcomeKind.ON_HOLD: "warn",
    OutcomeKind.WITHOUT: "warn",
}
Ground = Literal["bad", "warn", ""]


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One data element of the chain.

    Args:
        path: Where it reads its value, such as ``arc.event.data.currency``; "" if it has no path.
        uid: "" if it was deleted.
    """

    name: str
    path: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True)
class WhyBox:
    """Why an event has its outcome.

    Args:
        verdict: The outcome and its cause, without a full stop.
        label: The field at fault, as on the form, or "".
        chain: Data elements that fill it.
        seen: The value that this event had there, masked and quoted; "" if it is not one value.
        cure: What is allowed, or what to do.
        answer: The vendor's own words, if they say more than the verdict.
        path: Dotted key of the setting, or "".
        delivery: The delivery that decided the outcome; None if the event has none.
    """

    outcome: ShownOutcome
    verdict: str
    ground: Ground = ""
    label: str = ""
    chain: Sequence[ChainLink] = ()
    seen: str = ""
    cure: str = ""
    answer: str = ""
    path: str = ""
    delivery: DeliveryStory | None = None

    @property
    def message(self) -> str:
        """The reason as the delivery has it."""
        return self.delivery.message if self.delivery else ""

    @property
    def said(self) -> tuple[str, str]:
        """Label and message of the warning that the box says."""
        return self.label, self.cure


def why_box(
    outcome: ShownOutcome,
    sentence: tuple[str, str],
    deliveries: Sequence[DeliveryStory],
    elements: Sequence[ElementStory],
    trace: Trace,
) -> WhyBox:
    """Return the why box of an event.

    Args:
        outcome: Of the event.
        sentence: Its outcome in one sentence, and advice.
        elements: The data elements that were needed.
    """
    delivery = next((it for it in deliveries if it.outcome.kind == outcome.kind), None)
    if delivery is None:
        return WhyBox(outcome, _plain(sentence[0]), _ground(outcome), cure=sentence[1])
    lost = next((it for it in delivery.warnings if is_lost(it)), None)
    if outcome.kind == OutcomeKind.WITHOUT and lost:
        label, path = lost["label"], lost["path"]
        verdict, cure = f"{outcome.word} {delivery.outcome.said}", lost["message"]
    else:
        label, path, verdict, cure = _refused(delivery, sentence)
    at_fault = _Field(trace, delivery.component_uid, path, elements)
    return WhyBox(
        outcome=delivery.outcome,
        verdict=verdict,
        ground=_ground(outcome),
        label=label,
        chain=at_fault.chain(),
        seen=at_fault.seen(),
        cure=cure,
        answer=_answer(delivery, verdict),
        path=path,
        delivery=delivery,
    )


def _refused(delivery: DeliveryStory, sentence: tuple[str, str]) -> tuple[str, str, str, str]:
    """Return label and path of the field at fault, the verdict and the cure."""
    refusal = delivery.refusal
    if refusal is None:
        return "", "", _plain(sentence[0]), sentence[1]
    verdict = f"{delivery.outcome.word}: {_plain(refusal.cause)}"
    return refusal.label, refusal.path, verdict, refusal.allowed or refusal.advice


class _Field:
    """The field at fault: the setting as it was written, and as it was for this event."""

    def __init__(self, trace: Trace, component_uid: str, path: str, elements: Sequence[ElementStory]) -> None:
        self._elements = {it.name: it for it in elements}
        self._uids = {name: it["id"] for name, it in trace.document.get("dataElements", {}).items()}
        self._written = setting_of(trace.document, component_uid, path)
        self._resolved = setting_of(trace.data, component_uid, path)

    def chain(self) -> list[ChainLink]:
        names = sorted(tokens_in(self._written)) if self._written is not None else []
        return [ChainLink(name, self._path_of(name), self._uids.get(name, "")) for name in names]

    def seen(self) -> str:
        return "" if self._written is None else seen(self._resolved)

    def _path_of(self, name: str) -> str:
        element = self._elements.get(name)
        return element.path if element else ""


def _answer(delivery: DeliveryStory, verdict: str) -> str:
    """Return the vendor's words, unless the verdict says them."""
    said = delivery.message if delivery.was_sent else ""
    return said if said and _plain(said) not in verdict else ""


def _ground(outcome: ShownOutcome) -> Ground:
    return _GROUNDS.get(outcome.kind, "")  # type: ignore[call-overload, no-any-return]


def _plain(sentence: str) -> str:
    return sentence.strip().removesuffix(".")
