"""The pixels of a business, and making one.

Source: Meta, Ads Pixel.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.vendor_sign_in import ConnectFailed, Making, SignInContext, VendorAccount

from .graph_calls import GraphRefused, ask, id_of, list_all, request

Accounts = Generator[OutboundRequest, Answer, list[VendorAccount]]
_EXISTS = (6200, 6202)


def pixels_of(business: str, token: str, context: SignInContext) -> Accounts:
    """Return the pixels that a business owns, then those that others share with it. Raises GraphRefused."""
    owned = yield from list_all(context, f"{business}/owned_pixels", token)
    shared = yield from list_all(context, f"{business}/client_pixels", token, "shared with the business")
    known = {pixel.id for pixel in owned}
    return [*owned, *(pixel for pixel in shared if pixel.id not in known)]


def places_of(business: str, token: str, context: SignInContext) -> Accounts:
    """Return the ad accounts in which a pixel can be made; none if Meta does not show any."""
    try:
        return (yield from list_all(context, f"{business}/owned_ad_accounts", token))
    except GraphRefused:
        return []


def make(place: str, name: str, token: str, kept: Mapping[str, Any], context: SignInContext) -> Making:
    """Make a pixel in an ad account.

    Raises:
        ConnectFailed: Meta refuses, such as if the ad account has a pixel already (6200, 6202).

    Source: Meta, Ads Pixel, "Creating".
    """
    try:
        asked = request(context, "POST", f"{place}/adspixels", token=token, body={"name": name})
        body = yield from ask(asked)
    except GraphRefused as refused:
        if refused.number not in _EXISTS:
            raise
        advice = "Share it with the business in Meta Business settings, then connect again."
        text = "This ad account has a pixel already, which the business does not own."
        raise ConnectFailed("Pixel exists", text, advice, refused.said, refused.code) from None
    pixel_id = id_of(body.get("id"))
    if not pixel_id:
        text = "Meta's answer has no ID of the new pixel."
        raise ConnectFailed("Answer incomplete", text, "Connect again: the pixel may be there now.")
    return VendorAccount(pixel_id, name)
