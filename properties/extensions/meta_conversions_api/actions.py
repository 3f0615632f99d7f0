"""The action "Send Conversions API Event": one event as data, and the request for many of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Rejected
from properties.catalog.outbound import BatchItem, OutboundRequest

from .duplicates import dedup_key, on_duplicate
from .payload import server_event, window_seconds
from .trial import is_test_event, trial_warnings

PARTNER_AGENT = "capi_admin_1_0"
GRAPH_URL = "https://graph.facebook.com"
GRAPH_VERSION = "v25.0"
# An event must not reach Meta at the very end of its window.
MARGIN_SECONDS = 300
MAX_BATCH = 1000

_PIXEL_ID = re.compile(r"[0-9]{1,20}")


def send_conversions_api_event(settings: Settings, context: EventContext) -> BatchItem:
    """Return one server event and what its request shares with others.

    Raises:
        Rejected: Meta would refuse it, or the action lacks a pixel, a token or a test event code.
    """
    envelope = _envelope(settings, context)
    event, warnings = server_event(settings, context)
    is_test = "test_event_code" in envelope
    return BatchItem(
        destination=envelope["pixel_id"],
        envelope=envelope,
        payload=event,
        name=event["event_name"],
        expires_at=event["event_time"] + window_seconds(event["action_source"]) - MARGIN_SECONDS,
        warnings=(*warnings, *trial_warnings(settings, context.received_at)),
        is_test=is_test,
        dedup_key=dedup_key(event, is_test=is_test),
        on_duplicate=on_duplicate(context.extension_settings),
    )


def batch_request(envelope: Mapping[str, Any], payloads: Sequence[Mapping[str, Any]]) -> OutboundRequest:
    """Return the one request that sends the events of one envelope; the token is in the body only.

    Source: Meta, Using the API; Main Body Parameters.
    """
    body: dict[str, Any] = {"data": list(payloads), "access_token": envelope["access_token"]}
    body |= {name: envelope[name] for name in ("partner_agent", "test_event_code") if envelope.get(name)}
    return OutboundRequest(
        method="POST",
        url=f"{envelope['graph_url']}/{envelope['version']}/{envelope['pixel_id']}/events",
        headers={"Content-Type": "application/json"},
        body=body,
    )


def _envelope(settings: Settings, context: EventContext) -> dict[str, str]:
    envelope = {
        "graph_url": context.installation.get("META_GRAPH_URL", GRAPH_URL).rstrip("/"),
        "version": context.installation.get("META_GRAPH_VERSION", GRAPH_VERSION),
        "pixel_id": _pixel_id(settings, context),
        "access_token": _access_token(settings, context),
        "partner_agent": PARTNER_AGENT,
    }
    if is_test_event(settings, context.received_at):
        envelope["test_event_code"] = _test_event_code(settings)
    return envelope


def _configured(key: str, settings: Settings, context: EventContext) -> str:
    """Text of the action's override, else of the extension's configuration."""
    values = (settings.get(key), context.extension_settings.get(key))
    texts = (str(value).strip() for value in values if isinstance(value, str | int) and value is not True)
    return next(filter(None, texts), "")


def _pixel_id(settings: Settings, context: EventContext) -> str:
    pixel_id = _configured("pixelId", settings, context)
    if not _PIXEL_ID.fullmatch(pixel_id):
        found = "is empty" if not pixel_id else "is not a number"
        raise Rejected(f"Pixel ID {found}. Set it in the configuration of the extension.", code="pixel_id")
    return pixel_id


def _access_token(settings: Settings, context: EventContext) -> str:
    token = _configured("accessToken", settings, context)
    if not token:
        message = "Access Token is empty. Set it in the configuration of the extension."
        raise Rejected(message, code="access_token")
    return token


def _test_event_code(settings: Settings) -> str:
    code = settings.get("testEventCode")
    if not isinstance(code, str) or not code.strip():
        message = "Send as Test Event is on, but Test Event Code is empty; nothing was sent."
        raise Rejected(message, code="test_event_code")
    return code.strip()
