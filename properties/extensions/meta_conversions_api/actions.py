"""The action "Send Conversions API Event": one event as data, and the request for many of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.customer_data.cleaning import Hints
from properties.catalog.customer_data.nothing import names_nothing, only_member
from properties.catalog.customer_data.values import text
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Rejected
from properties.catalog.outbound import BatchItem, HmacSha256, OutboundRequest, Warn
from properties.catalog.tokens import TOKEN

from .duplicates import dedup_key, on_duplicate
from .installation import graph
from .parameters import OWN_SECTIONS
from .payload import prepare_event
from .steps import Step, collect
from .targets import Target, targets
from .testing_period import is_test_event, late_test_warnings
from .times import window_seconds

PARTNER_AGENT = "capi_admin_1_0"
# The last attempt must reach Meta before the event is too old.
MARGIN_SECONDS = 300
MAX_BATCH = 1000
# Request parameters in addition to ``data``. Source: Meta, Main Body Parameters.
_BODY_STEPS: tuple[Step, ...] = tuple(
    (row.key, row.name, (row.key, row.label), text)
    for row in OWN_SECTIONS
    if row.key in ("namespaceId", "uploadId", "uploadTag", "uploadSource")
)
TEST_CODE = "test_event_code"
_SENT_UNCHANGED = ("partner_agent", TEST_CODE, *(name for _, name, _, _ in _BODY_STEPS))

Items = BatchItem | list[BatchItem]


def send_conversions_api_event(settings: Settings, context: EventContext) -> Items:
    """Return one server event; see :func:`prepare_sending`."""
    return prepare_sending(settings)(settings, context)


def prepare_sending(template: Settings) -> Callable[[Settings, EventContext], Items]:
    """Return a function that builds a server event and the envelope of its request.

    Args:
        template: Settings with tokens in place.

    Returns:
        A function of resolved settings and the inbound event. It returns one item, or a list with one item
        for each pixel. It raises ``Rejected`` if Meta would refuse the event, or if a pixel, a token or a
        test event code is missing.
    """
    build = prepare_event(template)
    share = _sharing(template)

    def send(settings: Settings, context: EventContext) -> Items:
        receivers, missed = targets(settings, context)
        shared, noted = share(settings, context)
        event, warnings = build(settings, context)
        is_test = context.test_code is None and TEST_CODE in shared
        items = [
            BatchItem(
                destination=target.pixel_id,
                envelope=_envelope(target, shared),
                payload=event,
                name=event["event_name"],
                expires_at=event["event_time"] + window_seconds(event["action_source"]) - MARGIN_SECONDS,
                warnings=(*warnings, *noted, *missed),
                is_test=is_test,
                test_code=shared.get(TEST_CODE, ""),
                dedup_key=dedup_key(event, is_test=is_test),
                server_event_id=event["event_id"],
                on_duplicate=on_duplicate(context.extension_settings),
            )
            for target in receivers
        ]
        return items if len(items) > 1 else items[0]

    return send


def batch_request(envelope: Mapping[str, Any], payloads: Sequence[Mapping[str, Any]]) -> OutboundRequest:
    """Return the request that sends the events of one envelope. The token is in the body only.

    Source: Meta, Using the API; Main Body Parameters; Securing Graph API calls.
    """
    body: dict[str, Any] = {"data": list(payloads), "access_token": envelope["access_token"]}
    body |= {name: envelope[name] for name in _SENT_UNCHANGED if envelope.get(name)}
    if envelope.get("app_secret"):
        body["appsecret_proof"] = HmacSha256(envelope["app_secret"], envelope["access_token"])
    return OutboundRequest(
        method="POST",
        url=f"{envelope['graph_url']}/{envelope['version']}/{envelope['pixel_id']}/events",
        headers={"Content-Type": "application/json"},
        body=body,
    )


def readdress(envelope: Mapping[str, Any], installation: Mapping[str, str]) -> dict[str, Any]:
    """Return the envelope with the current Graph API URL and version of the installation.

    A waiting event must go to the current version, and not to a simulator that the example property used.
    """
    return {**envelope, **graph(installation)}


def takes_for(settings: Settings) -> float:
    """Return how many seconds after an event Meta accepts it; the maximum if a data element sets the source.

    Source: Meta, Server Event Parameters, "event_time".
    """
    source = settings.get("actionSource")
    if isinstance(source, str) and TOKEN.search(source):
        source = "physical_store"
    return window_seconds(source if isinstance(source, str) else "") - MARGIN_SECONDS


def may_repeat(payload: Mapping[str, Any]) -> bool:
    """Whether Meta removes a duplicate of this event, so that it may be sent twice.

    Source: Meta, Conversions API for Business Messaging: these events are not de-duplicated.
    """
    return payload.get("action_source") != "business_messaging"


def _envelope(target: Target, shared: Mapping[str, str]) -> dict[str, str]:
    envelope = {**shared, "pixel_id": target.pixel_id, "access_token": target.access_token}
    if target.app_secret:
        envelope["app_secret"] = target.app_secret
    return envelope


def _sharing(template: Settings) -> Callable[[Settings, EventContext], tuple[dict[str, str], Sequence[Warn]]]:
    """Return a function that builds the part of an envelope that all pixels share, with its warnings."""
    body_steps = [step for step in _BODY_STEPS if step[0] in template]
    has_more = bool(body_steps) or "isTestEvent" in template

    def share(settings: Settings, context: EventContext) -> tuple[dict[str, str], Sequence[Warn]]:
        shared = {**graph(context.installation), "partner_agent": PARTNER_AGENT}
        if context.test_code:
            shared[TEST_CODE] = context.test_code
        if not has_more:
            return shared, ()
        hints = Hints(context.received_at)
        collect(body_steps, settings, hints, shared)
        if context.test_code is not None:
            return shared, hints.warnings
        if is_test_event(settings, context.received_at):
            shared[TEST_CODE] = _test_event_code(settings)
        return shared, (*hints.warnings, *late_test_warnings(settings, context.received_at))

    return share


def _test_event_code(settings: Settings) -> str:
    code = only_member(settings.get("testEventCode"))
    if not isinstance(code, str) or not code.strip() or names_nothing(code):
        message = "Send as Test Event is on, but Test Event Code is empty; nothing was sent."
        raise Rejected(message, code="test_event_code")
    return code.strip()
