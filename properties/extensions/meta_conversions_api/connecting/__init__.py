"""Connect to Meta: which ways there are, and how each goes.

Source: Meta, Conversions API for platforms; Facebook Login for Business; Meta Business Extension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.vendor_sign_in import (
    Connect,
    Ending,
    Finishing,
    SignInContext,
    Way,
)

from ..parameters import PAGES
from . import business_extension, login
from .dialog import address, kind_of, missing
from .pixels import make
from .status import read

PLATFORM_PAGE = PAGES + "guides/end-to-end-implementation"
_REMOVE = (
    "The token still exists at Meta. To end it there, remove the app in Meta Business settings, "
    "Integrations, Connected apps."
)


def _finish(returned: Mapping[str, str], context: SignInContext) -> Finishing:
    if kind_of(context.installation) == "business_extension":
        return (yield from business_extension.finish(returned, context))
    return (yield from login.finish(returned, context))


def _end(token: str, kept: Mapping[str, Any], context: SignInContext) -> Ending:
    """End an installation of the extension. The token of a login can only be ended by a person at Meta."""
    if kept.get("kind") != "business_extension":
        return _REMOVE
    yield from business_extension.uninstall(token, str(kept.get("external_id", "")), context)
    return ""


CONNECT = Connect(
    slug="meta",
    title="Connect to Meta",
    vendor="Meta",
    account="pixelId",
    token="accessToken",  # noqa: S106 - the key of a setting
    noun="pixel",
    place_noun="ad account",
    missing=missing,
    dialog=address,
    finish=_finish,
    make=make,
    read=read,
    end=_end,
    ways=(
        Way(
            "Connect",
            "You sign in at Meta, choose business and pixel, and both fields are filled. For this the "
            "operator of this server sets up an app at Meta once. Approved partners use the Meta Business "
            "Extension, all others Facebook Login for Business.",
            "https://developers.facebook.com/docs/facebook-login/facebook-login-for-business",
        ),
        Way(
            "Your own token",
            "In Events Manager choose the pixel, then Settings, Conversions API, Generate access token. Copy "
            "the token and the Pixel ID into the fields below. This needs no app and always works.",
            PAGES + "get-started#access-token",
        ),
        Way(
            "A shared pixel",
            "Your client shares the pixel with your business, in Meta Business settings under Data sources. "
            "Assign a system user of yours to it, generate a token for that user, and enter both below.",
            PLATFORM_PAGE,
        ),
    ),
    steps=(
        "At developers.facebook.com create an app of the type Business, and add Facebook Login for Business.",
        "There, add a configuration from the template Conversions API, and the address of this server for "
        "the way back.",
        "Set META_APP_ID, META_APP_SECRET and META_LOGIN_CONFIG_ID on this server, and start it again.",
    ),
    stops="Events for the pixel are not sent until a token is there again. They wait for up to seven days, "
    "and are sent when you connect. Rules and the other extensions go on.",
    help_url="https://developers.facebook.com/docs/facebook-login/facebook-login-for-business",
)
