"""The status of a connection: what Meta says about the token and the pixel.

A token made in Events Manager may only send events. That it cannot read the pixel proves nothing bad.

Source: Meta, Debugging access tokens; Ads Pixel; Handling Errors (Graph API).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.vendor_sign_in import ConnectionStatus, Reading, SignInContext, StatusFact

from ..targets import PIXEL_ID
from .dialog import missing
from .graph_calls import GraphRefused, ask, name_of, request, unix
from .tokens import TokenFacts, debug

FIELDS = "id,name,last_fired_time,is_unavailable,owner_business"
# Meta, Handling Errors (Graph API): permission. Ads Pixel reference: 100 alone is "Missing Permission".
_NO_RIGHT_TO_READ = frozenset({3, 10, 100, 270, 294, *range(200, 300)})
_GONE = ("100/33", "2044055", "100/2044055")
_ENDS = {
    "463": ("Token has ended", "The access token has expired."),
    "458": ("Access taken back", "Somebody took the access back at Meta."),
    "460": ("Token has ended", "The person behind the token changed the password, which ended it."),
}
_TO_READ = "Sending is not touched by this."
_RECONNECT = "Connect again, or enter another Access Token. Events wait until then."


def read(account_id: str, token: str, context: SignInContext) -> Reading:
    """Return the status of a pixel and its token. See :class:`properties.catalog.vendor_sign_in.Connect`."""
    facts = yield from _token_facts(token, context)
    if facts.is_valid is False:
        return _ended(facts.error.partition("/")[2], facts)
    if not PIXEL_ID.fullmatch(account_id):
        return ConnectionStatus(
            "unknown", "Not checked", "Pixel ID is a data element or no number, so only the token is known.",
            facts=[*_of_token(facts)], expires_at=facts.ends_at,
        )  # fmt: skip
    try:
        asked = request(context, "GET", account_id, token=token, query={"fields": FIELDS})
        pixel = yield from ask(asked)
    except GraphRefused as refused:
        return _refused(refused, facts)
    return _connected(account_id, pixel, facts)


def _token_facts(token: str, context: SignInContext) -> Generator[OutboundRequest, Answer, TokenFacts]:
    """Return what is known about a token: nothing without an app, or about a token of another app."""
    if missing(context.installation):
        return TokenFacts()
    try:
        return (yield from debug(token, context))
    except GraphRefused:
        return TokenFacts()


def _connected(account_id: str, pixel: Mapping[str, Any], facts: TokenFacts) -> ConnectionStatus:
    name = name_of(pixel.get("name")) or account_id
    found = [*_of_pixel(account_id, pixel), *_of_token(facts)]
    if pixel.get("is_unavailable") is True:
        text = f"Meta says that the pixel “{name}” is unavailable."
        advice = "Look at it in Events Manager. It may be archived, or its business restricted."
        return ConnectionStatus("warning", "Pixel unavailable", text, advice, found, facts.ends_at)
    text = f"The token reaches the pixel “{name}”."
    return ConnectionStatus("ok", "Connected", text, facts=found, expires_at=facts.ends_at)


def _refused(refused: GraphRefused, facts: TokenFacts) -> ConnectionStatus:
    status = _meaning(refused, facts)
    return status if status.kind == "limited" else replace(status, said=refused.said, code=refused.code)


def _meaning(refused: GraphRefused, facts: TokenFacts) -> ConnectionStatus:
    known, ends_at = [*_of_token(facts)], facts.ends_at
    if refused.code.startswith(("190", "102")):
        return _ended(refused.code.partition("/")[2], facts)
    if refused.code in _GONE:
        text = "Meta does not know this pixel, or the token has no right to it."
        advice = "Check Pixel ID. If the pixel was deleted, connect again and choose another one."
        return ConnectionStatus("problem", "Pixel not found", text, advice, known, ends_at)
    if not refused.is_silent and refused.number in _NO_RIGHT_TO_READ:
        text = "This token can only send events. Name, business and activity of the pixel stay unknown."
        return ConnectionStatus("limited", "Connected, sends only", text, "", known, ends_at)
    return ConnectionStatus("unknown", refused.title, f"{refused.message} {_TO_READ}")


def _ended(subcode: str, facts: TokenFacts) -> ConnectionStatus:
    usual = ("Token refused", "Meta does not accept the access token: it is wrong, or has ended.")
    title, text = _ENDS.get(subcode, usual)
    return ConnectionStatus("problem", title, text, _RECONNECT, [*_of_token(replace(facts, is_valid=None))])


def _of_pixel(account_id: str, pixel: Mapping[str, Any]) -> Iterator[StatusFact]:
    name, owner = name_of(pixel.get("name")), pixel.get("owner_business")
    yield StatusFact("Pixel", f"{name} ({account_id})" if name else account_id)
    if isinstance(owner, Mapping) and (business := name_of(owner.get("name")) or name_of(owner.get("id"))):
        yield StatusFact("Business", business)
    if "last_fired_time" in pixel:
        fired_at = _moment(pixel["last_fired_time"])
        yield StatusFact("Last activity", "" if fired_at else "not known", fired_at)
    else:
        yield StatusFact("Last activity", "none yet")


def _of_token(facts: TokenFacts) -> Iterator[StatusFact]:
    if facts.kind:
        of_app = f", made by the app {facts.app}" if facts.app else ""
        yield StatusFact("Token", f"of a {facts.kind_in_words}{of_app}")
    if facts.scopes:
        yield StatusFact("May", ", ".join(facts.scopes))
    if facts.is_valid is not None:
        yield StatusFact("Token ends", "" if facts.expires_at else "never", facts.expires_at)
    if facts.access_ends_at:
        yield StatusFact("Access to data ends", at=facts.access_ends_at)


def _moment(value: Any) -> float | None:
    """Return Unix seconds of a time as Graph writes it, such as ``2026-11-30T21:48:55+0000``."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            pass
    return unix(value)
