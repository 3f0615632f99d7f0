"""The address of the client that asks for a page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from properties.http.client_address import client_address, plain_address


def client_address_of(request: HttpRequest) -> str:
    """Return the visitor's address; the proxy's if the proxy sent an invalid one. Sign-ins count by it."""
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
    found = client_address(forwarded_for, peer, settings.TRUSTED_PROXY_COUNT)
    return found or plain_address(peer) or peer
