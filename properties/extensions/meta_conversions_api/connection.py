"""The connection test: one event with a test code, and Meta's answer in plain words.

Source: Meta, Conversions API for platforms ("send a test event"); Test Events; Using the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Asking, Field, Inquiry, Settings
from properties.catalog.errors import Rejected
from properties.catalog.outbound import Answer, BatchItem, InquiryResult, Outcome

from .actions import batch_request, send_conversions_api_event
from .graph_errors import find_error
from .parameters import TEST_PAGE
from .responses import read_answer

CODE = "testEventCode"
# Says nothing about anybody, and counts for no campaign.
EVENT: Mapping[str, str] = {
    "eventName": "PageView",
    "actionSource": "system_generated",
    "externalId": "capi-admin-connection-test",
}
# Source: Meta, Handling Errors (Graph API): permission; observed: 2044055 for an unknown dataset.
_NO_RIGHT = frozenset({3, 10, 270, 294, 2044055, *range(200, 300)})
_WORST_FIRST = ("problem", "unknown", "warning", "ok")


def ask(settings: Settings, asked: Settings, context: EventContext) -> Asking:
    """Send one event to each pixel of a configuration; return what it found, of several the worst.

    Args:
        settings: The configuration, credentials as markers.
        asked: ``testEventCode``; without one the event counts like any other.
        context: Of no event: clock, identifier and installation.

    Source: docs/reference/meta.md, "Checking a connection".
    """
    try:
        items = _items(settings, asked, context)
    except Rejected as error:
        return InquiryResult("problem", "Not complete", error.message, code=error.code)
    results = []
    for item in items:
        answer = yield batch_request(item.envelope, [item.payload])
        results.append(_about(item, _told(answer, is_test=item.is_test), len(items)))
    return min(results, key=lambda result: _WORST_FIRST.index(result.kind))


def confirm(asked: Settings) -> str:
    """What a person agrees to when there is no test code."""
    if asked.get(CODE):
        return ""
    return (
        "Without a test event code this event counts like any other: one PageView that nobody made. "
        "Send it all the same?"
    )


def _items(settings: Settings, asked: Settings, context: EventContext) -> Sequence[BatchItem]:
    code = asked.get(CODE)
    test = {"isTestEvent": True, CODE: code} if code else {}
    context.extension_settings = settings
    made = send_conversions_api_event(
        {**EVENT, "eventId": f"test-{context.inbound_event_id}"} | test, context
    )
    return made if isinstance(made, list) else [made]


def _told(answer: Answer, *, is_test: bool) -> InquiryResult:
    """Meta's answer as one of the outcomes that a connection can have."""
    outcome = read_answer(answer, 1)
    if outcome.kind == "delivered":
        return _connected(outcome, is_test=is_test)
    kind, title, message = next(_verdicts(answer, outcome))
    return InquiryResult(
        kind,  # type: ignore[arg-type]
        title,
        message,
        outcome.advice if kind != "unknown" else "Try again in a few minutes.",
        outcome.message,
        outcome.code,
        outcome.reference,
    )


def _connected(outcome: Outcome, *, is_test: bool) -> InquiryResult:
    where = "It shows in Events Manager under Test events within moments." if is_test else ""
    text = f"Meta took the event: Pixel ID and access token fit together. {where}".strip()
    return InquiryResult("ok", "Connected", text, said=outcome.message, reference=outcome.reference)


def _verdicts(answer: Answer, outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    """The first that fits counts."""
    code, subcode = _codes(outcome)
    known = find_error(code, subcode)
    if answer.status is None:
        yield "unknown", "Meta is not reachable", "Whether the settings are right could not be found out."
    if (known is not None and known.action == "reauth") or answer.status == 401:
        yield "problem", "Token refused", "Meta does not take this access token: it is wrong or has expired."
    if (code, subcode) == (100, 33) or code in _NO_RIGHT:
        text = "Meta knows no pixel of this ID, or the access token has no right to it."
        yield "problem", "Pixel not found, or no right to it", text
    if outcome.pause_destination:
        text = "Meta asks to slow down. Whether the settings are right could not be found out."
        yield "unknown", "Throttled", text
    if outcome.kind == "misconfigured":
        yield "problem", "Not set up", "Meta refuses every request with these settings."
    if outcome.kind == "rejected":
        text = "The access token works, but Meta refused the test event itself."
        yield "warning", "Token works, event refused", text
    text = "Meta has trouble just now. Whether the settings are right could not be found out."
    yield "unknown", "Meta could not answer", text


def _codes(outcome: Outcome) -> tuple[int | None, int | None]:
    found = re.fullmatch(r"(\d+)(?:/(\d+))?", outcome.code)
    return (int(found[1]), int(found[2]) if found[2] else None) if found else (None, None)


def _about(item: BatchItem, result: InquiryResult, count: int) -> InquiryResult:
    """With several pixels the result names its own."""
    if count == 1:
        return result
    return InquiryResult(
        result.kind,
        result.title,
        f"All {count} pixels were tried. {result.message}"
        if result.kind == "ok"
        else f"Pixel {item.destination}: {result.message}",
        result.advice,
        result.said,
        result.code,
        result.reference,
    )


inquiry = Inquiry(
    title="Test connection",
    help="Sends one PageView event to Meta with what stands in the form now, saved or not, and tells what "
    "Meta said. With a test event code it shows in Events Manager under Test events.",
    ask=ask,
    fields=(
        Field(
            key=CODE,
            label="Test Event Code",
            tokens=False,
            placeholder="TEST12345",
            help="From Events Manager, Test events. Without one the event counts like any other.",
            url=TEST_PAGE,
        ),
    ),
    confirm=confirm,
)
