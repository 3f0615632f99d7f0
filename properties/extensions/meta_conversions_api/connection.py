"""The connection test: sends one event with a test event code and explains Meta's answer.

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
# Describes no real person, and no campaign counts it.
EVENT: Mapping[str, str] = {
    "eventName": "PageView",
    "actionSource": "system_generated",
    "externalId": "capi-admin-connection-test",
}
# Source: Meta, Handling Errors (Graph API): permission; observed: 2044055 for an unknown dataset.
_NO_RIGHT = frozenset({3, 10, 270, 294, 2044055, *range(200, 300)})
_WORST_FIRST = ("problem", "unknown", "warning", "ok")


def ask(settings: Settings, asked: Settings, context: EventContext) -> Asking:
    """Send one event to each pixel of a configuration; return the worst result.

    Args:
        settings: The configuration, with markers for credentials.
        asked: ``testEventCode``; without one the event counts like any other.
        context: Clock, identifier and installation; there is no inbound event.

    Source: docs/reference/meta.md, "Checking a connection".
    """
    try:
        items = _items(settings, asked, context)
    except Rejected as error:
        return InquiryResult("problem", "Not complete", error.message, code=error.code)
    results = []
    for item in items:
        answer = yield batch_request(item.envelope, [item.payload])
        results.append(_about(item, _result(answer, is_test=item.is_test), len(items)))
    return min(results, key=lambda result: _WORST_FIRST.index(result.kind))


def confirm(asked: Settings) -> str:
    """Return the question to confirm if there is no test event code, else ""."""
    if asked.get(CODE):
        return ""
    return (
        "There is no test event code. This sends a real PageView that counts in your reports. Send it anyway?"
    )


def _items(settings: Settings, asked: Settings, context: EventContext) -> Sequence[BatchItem]:
    code = asked.get(CODE)
    test = {"isTestEvent": True, CODE: code} if code else {}
    context.extension_settings = settings
    made = send_conversions_api_event(
        {**EVENT, "eventId": f"test-{context.inbound_event_id}"} | test, context
    )
    return made if isinstance(made, list) else [made]


def _result(answer: Answer, *, is_test: bool) -> InquiryResult:
    """Return the result of the test for Meta's answer."""
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
    where = "It appears in Events Manager under Test events within moments." if is_test else ""
    text = f"Meta accepted the event: Pixel ID and access token match. {where}".strip()
    return InquiryResult("ok", "Connected", text, said=outcome.message, reference=outcome.reference)


def _verdicts(answer: Answer, outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    """Yield matching verdicts as kind, title and message; the first one counts."""
    code, subcode = _codes(outcome)
    known = find_error(code, subcode)
    if answer.status is None:
        yield "unknown", "Meta is not reachable", "The settings could not be checked."
    if (known is not None and known.action == "reauth") or answer.status == 401:
        yield (
            "problem",
            "Token refused",
            "Meta does not accept this access token: it is wrong or has expired.",
        )
    if (code, subcode) == (100, 33) or code in _NO_RIGHT:
        text = "Meta does not know a pixel with this ID, or the access token has no right to it."
        yield "problem", "Pixel not found, or no right to it", text
    if outcome.pause_destination:
        text = "Meta asks to slow down. The settings could not be checked."
        yield "unknown", "Throttled", text
    if outcome.kind == "misconfigured":
        yield "problem", "Not set up", "Meta refuses every request with these settings."
    if outcome.kind == "rejected":
        text = "The access token works, but Meta refused the test event itself."
        yield "warning", "Token works, event refused", text
    text = "Meta has a temporary problem. The settings could not be checked."
    yield "unknown", "Meta could not answer", text


def _codes(outcome: Outcome) -> tuple[int | None, int | None]:
    found = re.fullmatch(r"(\d+)(?:/(\d+))?", outcome.code)
    return (int(found[1]), int(found[2]) if found[2] else None) if found else (None, None)


def _about(item: BatchItem, result: InquiryResult, count: int) -> InquiryResult:
    """Name the pixel in the message if there are several."""
    if count == 1:
        return result
    return InquiryResult(
        result.kind,
        result.title,
        f"All {count} pixels were tested. {result.message}"
        if result.kind == "ok"
        else f"Pixel {item.destination}: {result.message}",
        result.advice,
        result.said,
        result.code,
        result.reference,
    )


inquiry = Inquiry(
    title="Test connection",
    help="Sends one PageView event to Meta with the values in the form, saved or not, and shows Meta's "
    "answer. With a test event code the event appears in Events Manager under Test events.",
    ask=ask,
    fields=(
        Field(
            key=CODE,
            label="Test Event Code",
            tokens=False,
            placeholder="TEST12345",
            help="From Events Manager, Test events. Without a code the event counts like any other.",
            url=TEST_PAGE,
        ),
    ),
    confirm=confirm,
)
