"""The outcome of an event with its reason in one sentence, and advice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rules.delivery.outcomes import OWN_CODES, UNCLEAR_CODE

from .component_stories import ConditionStory
from .delivery_stories import DeliveryStory
from .rule_stories import RuleStory

# Reason of an event → sentence, advice.
REASONS: dict[str, tuple[str, str]] = {
    "no_build": (
        "No build was live in this environment when the event arrived.",
        "Publish a build to this environment. It runs the events that arrive after that.",
    ),
    "no_rules": (
        "The build that was live has no rules.",
        "Add a rule to the library, build it and publish it to this environment.",
    ),
    "conditions_not_met": ("No rule matched.", ""),
    "nothing_to_send": ("A rule ran, but none of its actions had anything to send.", ""),
    "rule_failed": ("A rule failed.", ""),
    "build_broken": (
        "The build that was live when the event arrived cannot run.",
        "Build the library again and publish it. The log of the worker names the problem.",
    ),
    "internal_error": (
        "An unexpected error stopped this event.",
        "This is a bug. The log of the worker has the details; please report it.",
    ),
    "worker_crash": (
        "The worker stopped several times while it ran only this event.",
        "This is a bug. The log of the worker has the details; please report it.",
    ),
    "duplicate": ("The same event had arrived before. It was not sent again.", ""),
}
STATES = {
    "received": "Received. A worker runs it within seconds.",
    "open": "The rules ran. It is being sent.",
    "delivered": "Delivered.",
    "no_match": "No rule matched.",
    "dead": "Not sent.",
    "expired": "Not sent: it became too old before it could be delivered.",
    "erased": "Not sent: its property was deleted.",
}


def sentence(
    state: str, reason: str, rules: Sequence[RuleStory], deliveries: Sequence[DeliveryStory]
) -> tuple[str, str]:
    """Return the outcome of an event in a sentence, and advice, which is often empty."""
    write = _SENTENCES.get(state)
    own = write(rules, deliveries) if write and reason not in ("no_build", "no_rules", "duplicate") else None
    text, advice = own or REASONS.get(reason) or (STATES.get(state, state), "")
    return text, advice


_Sentence = tuple[str, str] | None


def _delivered(rules: Sequence[RuleStory], deliveries: Sequence[DeliveryStory]) -> _Sentence:
    if not deliveries:
        return None
    first, *others = deliveries
    more = f", and {len(others)} more" if others else ""
    name = f" as “{first.name}”" if first.name else ""
    lost = f" without {_joined(first.left_out)}" if first.left_out else ""
    same = " The same event had already reached it: a duplicate." if first.duplicate_of else ""
    return f"Delivered{lost} to {first.target}{name}{more}.{same}", ""


def _open(rules: Sequence[RuleStory], deliveries: Sequence[DeliveryStory]) -> _Sentence:
    waiting = next((it for it in deliveries if it.state == "parked"), None)
    if waiting:
        return f"On hold for {waiting.target}: {_said(waiting)}", waiting.advice
    waiting = next((it for it in deliveries if it.state == "pending"), None)
    if waiting:
        return f"{waiting.outcome.word}, {waiting.target}: {_said(waiting)}", waiting.advice
    return None


def _dead(rules: Sequence[RuleStory], deliveries: Sequence[DeliveryStory]) -> _Sentence:
    refused = next((it for it in deliveries if it.refusal), None)
    if refused and refused.code == UNCLEAR_CODE:
        return f"We do not know whether it reached {refused.target}. {_said(refused)}", _advice(refused)
    if refused and refused.code in OWN_CODES:
        return f"Not sent to {refused.target}: {_said(refused)}", _advice(refused)
    if refused and refused.was_sent:
        return f"Refused by {refused.target}: {_why(refused)}", _advice(refused)
    if refused:
        return f"Not sent by rule “{refused.rule_name}”: {_said(refused)}", _advice(refused)
    failed = next((rule for rule in rules if rule.status == "failed"), None)
    return (f"Rule “{failed.name}” failed {failed.error}", "") if failed else None


def _expired(rules: Sequence[RuleStory], deliveries: Sequence[DeliveryStory]) -> _Sentence:
    late = next((it for it in deliveries if it.state == "expired"), None)
    if late is None:
        return None
    last = next((it.message for it in reversed(late.attempts) if it.message), "")
    why = f" The last answer was: {_stopped(last)}" if last else ""
    return f"Not sent: it became too old for {late.target} before it could be delivered.{why}", late.advice


def _no_match(rules: Sequence[RuleStory], deliveries: Sequence[DeliveryStory]) -> _Sentence:
    unmet = [(rule, condition) for rule in rules if (condition := rule.unmet)]
    if not unmet or len(unmet) < len(rules):
        return None
    rule, condition = max(unmet, key=lambda pair: pair[0].met_count)
    if len(rules) == 1:
        return f"No rule matched: in rule “{rule.name}” {why_not(condition)}", ""
    link = "Closest was rule" if rule.met_count else "For example, in rule"
    joint = ":" if rule.met_count else ""
    return f"None of the {len(rules)} rules matched. {link} “{rule.name}”{joint} {why_not(condition)}", ""


def why_not(condition: ConditionStory) -> str:
    """Return why a condition was not met, as the end of a sentence."""
    found = f": it was {condition.found}" if condition.found else ""
    return f"the condition {condition.asked} was not met{found}."


def _why(delivery: DeliveryStory) -> str:
    """Return the cause in plain words, then the vendor's own if they say more."""
    cause = _stopped(delivery.refusal.cause) if delivery.refusal else ""
    said = _said(delivery)
    return said if cause in ("", said) else f"{cause} {said}"


def _advice(delivery: DeliveryStory) -> str:
    return delivery.refusal.advice if delivery.refusal else delivery.advice


def _joined(labels: Sequence[str]) -> str:
    return " and ".join(labels)


def _said(delivery: DeliveryStory) -> str:
    return _stopped(delivery.message or delivery.code.replace("_", " ") or "no reason was given")


def _stopped(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


_SENTENCES: dict[str, Callable[[Sequence[RuleStory], Sequence[DeliveryStory]], _Sentence]] = {
    "delivered": _delivered,
    "open": _open,
    "dead": _dead,
    "expired": _expired,
    "no_match": _no_match,
}
