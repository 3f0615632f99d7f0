"""Whose address a page request has, when proxies of ours stand before the product."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address: the last entry of ``X-Forwarded-For`` that our own proxies did not write.

    Each proxy appends the address it saw, so with N trusted proxies the N-th entry from the end counts.
    Whatever stands before it was written by the visitor and proves nothing.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    return hops[-trusted] if 0 < trusted <= len(hops) else peer
