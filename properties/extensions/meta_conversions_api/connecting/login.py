"""Facebook Login for Business: from the code of the dialog to a token and the pixels of a business.

Source: Meta, Facebook Login for Business; System Users.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.vendor_sign_in import ConnectFailed, Finishing, Grant, SignInContext

from .dialog import AGAIN, exchange
from .graph_calls import GraphRefused, ask, id_of, name_of, request
from .pixels import pixels_of, places_of
from .tokens import SYSTEM_USER, TokenFacts, check, debug, new_token

SCOPE = "ads_read,business_management"


def finish(returned: Mapping[str, str], context: SignInContext) -> Finishing:
    """Return the grant of a sign-in. See :class:`properties.catalog.vendor_sign_in.Connect`."""
    token, ends_at = yield from exchange(returned, context)
    facts = yield from debug(context.hide(token), context)
    check(facts, context)
    business = yield from _business(context.hide(token), context)
    if facts.kind != SYSTEM_USER:
        token, facts, ends_at = yield from _lasting(token, facts, ends_at, business, context)
    marker = context.hide(token)
    pixels = yield from pixels_of(business, marker, context)
    return Grant(
        token,
        pixels,
        () if pixels else (yield from places_of(business, marker, context)),
        (yield from name_of_business(business, marker, context)),
        facts.expires_at or ends_at,
        {"kind": "login", "business": business},
    )


def _business(token: str, context: SignInContext) -> Generator[OutboundRequest, Answer, str]:
    """Source: Meta, Facebook Login for Business, "client_business_id"."""
    body = yield from ask(request(context, "GET", "me", token=token, query={"fields": "client_business_id"}))
    business = id_of(body.get("client_business_id"))
    if not business:
        text = "The token belongs to no business. Nothing was stored."
        advice = f"Choose a business at Meta. {AGAIN}"
        raise ConnectFailed("No business", text, advice)
    return business


def _lasting(
    token: str, facts: TokenFacts, ends_at: float | None, business: str, context: SignInContext
) -> Generator[OutboundRequest, Answer, tuple[str, TokenFacts, float | None]]:
    """Return the token of a system user instead of a person's, or the person's if Meta gives none.

    Source: Meta, System Users.
    """
    path, body = f"{business}/system_user_access_tokens", {"scope": SCOPE}
    asked = request(context, "POST", path, token=context.hide(token), body=body)
    try:
        found = yield from new_token(asked)
        described = yield from debug(context.hide(found), context)
        check(described, context)
    except GraphRefused as refused:
        if refused.is_silent:
            raise
        return token, facts, ends_at
    return found, described, None


def name_of_business(
    business: str, token: str, context: SignInContext
) -> Generator[OutboundRequest, Answer, str]:
    """Return the name of a business, or its id if Meta does not tell."""
    try:
        body = yield from ask(request(context, "GET", business, token=token, query={"fields": "name"}))
    except GraphRefused:
        return business
    return name_of(body.get("name")) or business
