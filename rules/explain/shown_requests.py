"""Requests to vendors as people read them: credentials show only their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import OutboundRequest
from properties.catalog.registry import find_type
from properties.catalog.secret_markers import without_markers
from rules.delivery.event_run import read_envelope
from rules.delivery.outcomes import without_masked
from rules.engine import SECRETS, mask_lookalikes
from rules.models import Delivery

from .shown_values import parsed, shown_text
from .traces import Trace

# A credential may come from an event instead of a stored secret; no marker hides it then.
_CREDENTIAL_KEY = re.compile(r"token|secret|proof|password|authorization|api_?key", re.IGNORECASE)
_SHOWN_CREDENTIAL = re.compile(r"secret “[^”]*”|•••• .*")
Shared = tuple[Mapping[str, Any] | None, Mapping[str, str]]


def waits_for_secret(delegate: str) -> bool:
    """Return whether there is no request yet, because the rule waits for a credential."""
    return delegate.partition("::")[0] == SECRETS


class Envelopes:
    """Envelopes: the parts of a request that its events share.

    A waiting delivery keeps its envelope; afterwards only the trace has it.
    """

    def __init__(self, trace: Trace) -> None:
        actions = [action for rule in trace.data.get("rules", []) for action in rule["actions"]]
        self._outputs = {action["id"]: action["output"] for action in actions}

    def of(self, delivery: Delivery) -> Shared:
        """Return the envelope, and the names of credentials by the markers that replace them."""
        envelope, markers = read_envelope(delivery)
        found = envelope or self._traced(delivery)
        return (without_credentials(found, markers) if isinstance(found, dict) else None), markers

    def _traced(self, delivery: Delivery) -> Any:
        output = self._outputs.get(delivery.component_uid)
        items = output if isinstance(output, list) else [output]
        matching = (
            it for it in items if isinstance(it, dict) and it.get("destination") == delivery.destination
        )
        return next(matching, {}).get("envelope")


def request_of_delivery(
    delivery: Delivery, envelope: Mapping[str, Any] | None, markers: Mapping[str, str]
) -> tuple[str, str]:
    """Return the request line and the body of a request with only this event in it."""
    payload = parsed(delivery.payload)
    if not isinstance(payload, dict) or waits_for_secret(delivery.delegate):
        return "", ""
    kind = find_type(delivery.delegate)
    action = kind if isinstance(kind, ActionType) else None
    payload = mask_lookalikes(without_masked(payload, action.masked if action else ()))
    if envelope is None or action is None or action.batch_request is None:
        return "", shown_text(without_credentials(payload, markers))
    request = action.batch_request(envelope, [payload])
    return request_line(request), shown_text(request.body)


def request_line(request: OutboundRequest, markers: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return method and address for people; a credential in the address shows only its name."""
    address = mask_lookalikes(without_credentials(request.url, markers))
    hidden = {"secret_query": dict(request.secret_query)}
    query = without_credentials(hidden, markers)["secret_query"]
    joint = "&" if "?" in request.url else "?"
    return f"{request.method} {address}" + "".join(
        f"{'&' if place else joint}{name}={value}" for place, (name, value) in enumerate(query.items())
    )


def without_credentials(value: Any, markers: Mapping[str, str], key: str = "") -> Any:
    """Return a copy without credentials: markers become names, other values at such keys are hidden."""
    if isinstance(value, dict):
        inside = key == "secret_query"
        return {name: without_credentials(it, markers, key if inside else name) for name, it in value.items()}
    if isinstance(value, list):
        return [without_credentials(item, markers, key) for item in value]
    if not isinstance(value, str):
        return value
    text = without_markers(value, markers)
    is_hidden = bool(_CREDENTIAL_KEY.search(key)) and not _SHOWN_CREDENTIAL.fullmatch(text)
    return "•••• (hidden)" if is_hidden and text else text
