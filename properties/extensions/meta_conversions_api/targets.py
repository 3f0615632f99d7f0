"""The pixels that receive an event, and their credentials.

Source: Meta, Using the API; Securing Graph API calls (``appsecret_proof``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from properties.catalog.context import EventContext
from properties.catalog.customer_data.nothing import only_member, says_nothing
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Rejected
from properties.catalog.outbound import Warn

PIXEL_ID = re.compile(r"[0-9]{1,20}")
MORE = "additionalPixels"


class Target(NamedTuple):
    """One pixel. Its credentials are secret markers, or values from a data element."""

    pixel_id: str
    access_token: str
    app_secret: str = ""


def targets(settings: Settings, context: EventContext) -> tuple[list[Target], list[Warn]]:
    """Return the pixels of an event, and warnings about unusable additional pixels.

    An action with its own pixel sends only to that pixel.

    Raises:
        Rejected: The first pixel has no usable ID or no token.
    """
    configured = context.extension_settings
    first = _first(settings, configured)
    rows = configured.get(MORE)
    if not isinstance(rows, list) or not rows or _text(settings, "pixelId"):
        return [first], []
    found, warnings = {first.pixel_id: first}, []
    for position, row in enumerate(row for row in rows if isinstance(row, Mapping)):
        target = Target(_text(row, "pixelId"), _text(row, "accessToken"), _text(row, "appSecret"))
        if PIXEL_ID.fullmatch(target.pixel_id) and target.access_token:
            found.setdefault(target.pixel_id, target)
        else:
            message = "It has no usable Pixel ID or no Access Token; the event was not sent to it."
            warnings.append(Warn(f"{MORE}[{position}]", "Additional Pixels", message, "additional_pixel"))
    return list(found.values()), warnings


def _first(settings: Settings, configured: Settings) -> Target:
    """Return the pixel of the action, else of the configuration. An app secret belongs to its token."""
    pixel_id = _text(settings, "pixelId") or _text(configured, "pixelId")
    if not PIXEL_ID.fullmatch(pixel_id):
        found = "is empty" if not pixel_id else "is not a number"
        raise Rejected(f"Pixel ID {found}. Set it in the configuration of the extension.", code="pixel_id")
    source = settings if _text(settings, "accessToken") else configured
    token = _text(source, "accessToken")
    if not token:
        message = "Access Token is empty. Set it in the configuration of the extension."
        raise Rejected(message, code="access_token")
    return Target(pixel_id, token, _text(source, "appSecret"))


def _text(settings: Settings, key: str) -> str:
    value = only_member(settings.get(key))
    if isinstance(value, str):
        return "" if says_nothing(value) else value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
