"""The shop of a demo, for links to it."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from properties.models import Property

SHOP_URL = "CAPI_ADMIN_SHOP_URL"
"""The variable in which ``manage.py up --demo`` names the address of its shop."""


def shop_url() -> str:
    """Return the address of the shop; empty without a demo."""
    return os.environ.get(SHOP_URL, "")


def shop_of(prop: Property) -> str:
    """Return the address of the shop if it is a site of a property; else empty."""
    found = shop_url()
    return found if found and urlsplit(found).hostname in prop.domains else ""
