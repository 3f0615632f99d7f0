"""The action "Send Event": one event as data, and the request for many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Misconfigured
from properties.catalog.installation import UNREACHABLE_URL, Setting, server_url
from properties.catalog.outbound import BatchItem, OutboundRequest

from .payload import build_event

# Source: https://docs.acme.example/conversions#limits
MAX_BATCH = 500
TAKES_SECONDS = 7 * 86_400

API_URL = Setting(
    "ACME_API_URL",
    "Base URL of Acme's API. Access tokens travel to it, so `http://` is accepted for this machine only.",
    default="https://api.acme.example",
    read=server_url,
    stand_in=UNREACHABLE_URL,
)


def send_event(settings: Settings, context: EventContext) -> BatchItem:
    """Return one event, with the envelope that events of one request share.

    Raises:
        Misconfigured: The account or the token is missing.
        Rejected: Acme would refuse the event.
    """
    account, token = (context.extension_settings.get(key) for key in ("accountId", "accessToken"))
    if not account or not token:
        raise Misconfigured("Account ID or Access Token is empty.", code="account")
    event, warnings = build_event(settings, context)
    return BatchItem(
        destination=str(account),
        envelope={"url": _address(context.installation), "account": str(account), "token": token},
        payload=event,
        name=event["event_name"],
        expires_at=event["event_time"] + TAKES_SECONDS,
        warnings=warnings,
        dedup_key=event["event_id"],
        server_event_id=event["event_id"],
    )


def batch_request(envelope: Mapping[str, Any], payloads: Sequence[Mapping[str, Any]]) -> OutboundRequest:
    """Return the one request that sends the events of one envelope.

    Source: https://docs.acme.example/conversions#request
    """
    return OutboundRequest(
        "POST",
        f"{envelope['url']}/v1/accounts/{quote(envelope['account'], safe='')}/events",
        headers={"Authorization": f"Bearer {envelope['token']}", "Content-Type": "application/json"},
        body={"events": list(payloads)},
    )


def readdress(envelope: Mapping[str, Any], installation: Mapping[str, str]) -> dict[str, Any]:
    """Return the envelope with the address that the installation sends to now."""
    return {**envelope, "url": _address(installation)}


def takes_for(settings: Settings) -> float:
    """Return for how many seconds after an event Acme takes it."""
    return TAKES_SECONDS


def _address(installation: Mapping[str, str]) -> str:
    return installation.get(API_URL.name, API_URL.default)
