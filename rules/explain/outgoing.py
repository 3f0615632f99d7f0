"""Requests of a run as people read them: one for each item, with credentials hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import BatchItem, OutboundRequest, Warn
from properties.catalog.registry import find_type
from rules.delivery.outcomes import without_masked
from rules.engine import Outbound, mask_lookalikes

from .delivery_stories import target_of
from .shown_requests import request_line, without_credentials
from .shown_values import shown_text


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request that would be sent.

    Args:
        target: ``Acme Conversions (1234567890)``.
        name: The event's name at the vendor; empty if it has none.
        body: JSON over several lines, or text.
    """

    target: str
    name: str
    rule_name: str
    request_line: str
    body: str
    warnings: tuple[Warn, ...]


def outgoing(items: Iterable[Outbound], markers: Mapping[str, str]) -> list[Outgoing]:
    """Return every request that a run would send, in order.

    Args:
        markers: Secret marker → name of the credential.
    """
    return [_outgoing(item, markers) for item in items if not item.is_wait]


def request_of(outbound: Outbound, *, payload: Any = None) -> OutboundRequest:
    """Return the request with only this item in it; markers replace credentials.

    Args:
        payload: Replaces the item's own payload.
    """
    item, kind = outbound.item, find_type(outbound.delegate)
    if isinstance(item, OutboundRequest):
        return item
    if not isinstance(kind, ActionType) or kind.batch_request is None:
        raise LookupError(outbound.delegate)
    return kind.batch_request(item.envelope, [item.payload if payload is None else payload])


def _outgoing(outbound: Outbound, markers: Mapping[str, str]) -> Outgoing:
    item, kind = outbound.item, find_type(outbound.delegate)
    request = request_of(outbound, payload=_shown(item, kind))
    destination = item.destination if isinstance(item, BatchItem) else urlsplit(request.url).hostname or ""
    return Outgoing(
        target=target_of(outbound.delegate, destination),
        name=item.name if isinstance(item, BatchItem) else "",
        rule_name=outbound.rule_name,
        request_line=request_line(request, markers),
        body=_body(request.body, markers),
        warnings=item.warnings if isinstance(item, BatchItem) else (),
    )


def _shown(item: BatchItem | OutboundRequest, kind: Any) -> Any:
    if isinstance(item, OutboundRequest):
        return None
    masked = kind.masked if isinstance(kind, ActionType) else ()
    return mask_lookalikes(without_masked(dict(item.payload), masked))


def _body(body: Any, markers: Mapping[str, str]) -> str:
    if isinstance(body, bytes):
        return f"({len(body)} bytes)"
    return "" if body is None else shown_text(mask_lookalikes(without_credentials(body, markers)))
