"""Meta Business Extension, for approved partners: what the person installed, its token, and its end.

Source: Meta, Meta Business Extension, "Installation", "System User Access Token" and "Uninstall".
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.vendor_sign_in import ConnectFailed, Finishing, Grant, SignInContext, VendorAccount

from ..installation import APP_ID
from .dialog import AGAIN, SCOPES, exchange
from .graph_calls import GraphRefused, ask, id_of, name_of, request
from .login import name_of_business
from .pixels import pixels_of, places_of
from .tokens import check, debug, new_token

INSTALLS = "fbe_business/fbe_installs"
_ID = "fbe_external_business_id"


def finish(returned: Mapping[str, str], context: SignInContext) -> Finishing:
    """Return the grant of an installation. See :class:`properties.catalog.vendor_sign_in.Connect`."""
    user_token, _ = yield from exchange(returned, context)
    check((yield from debug(context.hide(user_token), context)), context)
    installed = yield from _installed(context.hide(user_token), context)
    business = id_of(installed.get("business_manager_id"))
    if not business:
        text = "The installation at Meta has no business. Nothing was stored."
        raise ConnectFailed("No business", text, AGAIN)
    token = yield from new_token(_token_request(business, context.hide(user_token), context))
    marker = context.hide(token)
    facts = yield from debug(marker, context)
    check(facts, context)
    pixels = yield from _pixels(installed, business, marker, context)
    return Grant(
        token,
        pixels,
        () if pixels else (yield from places_of(business, marker, context)),
        (yield from name_of_business(business, marker, context)),
        facts.expires_at,
        {"kind": "business_extension", "business": business, "external_id": context.owner_id},
    )


def _installed(token: str, context: SignInContext) -> Generator[OutboundRequest, Answer, Mapping[str, Any]]:
    body = yield from ask(request(context, "GET", INSTALLS, token=token, query={_ID: context.owner_id}))
    rows = body.get("data")
    first = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(first, Mapping):
        text = "Meta has no installation for this property. Nothing was stored."
        raise ConnectFailed("Not installed", text, f"Finish all steps at Meta. {AGAIN}")
    return first


def _token_request(business: str, token: str, context: SignInContext) -> OutboundRequest:
    """Source: Meta, Meta Business Extension, "System User Access Token"."""
    body = {"app_id": context.installation[APP_ID.name], "scope": SCOPES, _ID: context.owner_id}
    return request(context, "POST", f"{business}/access_token", token=token, body=body)


def _pixels(
    installed: Mapping[str, Any], business: str, token: str, context: SignInContext
) -> Generator[OutboundRequest, Answer, Sequence[VendorAccount]]:
    """Return the pixel that the person chose at Meta; all of the business if none was chosen."""
    chosen = id_of(installed.get("pixel_id"))
    if not chosen:
        return (yield from pixels_of(business, token, context))
    try:
        body = yield from ask(request(context, "GET", chosen, token=token, query={"fields": "id,name"}))
    except GraphRefused:
        return [VendorAccount(chosen)]
    return [VendorAccount(chosen, name_of(body.get("name")))]


def uninstall(
    token: str, external_id: str, context: SignInContext
) -> Generator[OutboundRequest, Answer, None]:
    """End the installation at Meta. Raises GraphRefused."""
    yield from ask(request(context, "DELETE", INSTALLS, token=token, query={_ID: external_id}))
