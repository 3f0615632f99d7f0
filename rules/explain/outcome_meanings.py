"""Outcomes, explained: the table of the page *What the states mean* and of docs/states.md."""

from __future__ import annotations

from dataclasses import dataclass

from .outcome_words import (
    DELIVERED,
    DUPLICATE,
    NO_MATCH,
    NOT_SENT,
    ON_HOLD,
    REFUSED,
    RETRYING,
    SENDING,
    WITHOUT,
    ShownOutcome,
)


@dataclass(frozen=True, slots=True)
class OutcomeMeaning:
    """One outcome, explained.

    Args:
        means: What happened.
        then: What happens next by itself.
        action: What the reader can do.
    """

    outcome: ShownOutcome
    means: str
    then: str
    action: str


MEANINGS = (
    OutcomeMeaning(
        DELIVERED,
        "The destination accepted the event.",
        "Nothing more.",
        "Nothing.",
    ),
    OutcomeMeaning(
        WITHOUT.because("…"),
        "The destination accepted the event. A recommended field was empty, or a field was left out.",
        "Nothing more.",
        "Open the event: it names the field and its data element. Correct them for later events.",
    ),
    OutcomeMeaning(
        REFUSED,
        "The destination answered no.",
        "It is not sent again by itself.",
        "Open the event: it shows the answer, the field and the cure. Correct it, publish, and retry.",
    ),
    OutcomeMeaning(
        NOT_SENT,
        "Our own check stopped it, or a rule failed. Nothing left the server, unless the reason says so.",
        "It is not sent by itself.",
        "Open the event: it names the check or the rule. Correct it, publish, and retry.",
    ),
    OutcomeMeaning(
        RETRYING,
        "A temporary fault: the destination did not answer, or asked us to come back later.",
        "We send it again, with growing pauses, until the destination would refuse it as too old.",
        "Nothing. “Retry now” on the page of the event sends it at once.",
    ),
    OutcomeMeaning(
        ON_HOLD,
        "It waits for a person: a token, a permission or a setting is wrong.",
        "Everything is kept. Once the cause is gone, it is sent by itself.",
        "The overview names the cause. Correct it and save.",
    ),
    OutcomeMeaning(
        NO_MATCH,
        "No rule matched, no rule had anything to send, or no build was live.",
        "Nothing more.",
        "Nothing, if you expected it. Otherwise open the event: it shows the condition that was not met.",
    ),
    OutcomeMeaning(
        DUPLICATE,
        "The destination has the same event already, or it is being delivered there.",
        "It counts once: it is not sent, or the destination leaves it out.",
        "Nothing. If both events are real, give each its own event ID.",
    ),
    OutcomeMeaning(
        SENDING,
        "Its rules have not run yet, a request is about to leave, or the destination has not answered yet.",
        "The event has an outcome soon.",
        "Nothing. If it stays like this, check that a worker runs.",
    ),
)
