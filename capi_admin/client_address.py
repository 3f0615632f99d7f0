"""Whose address a request for a page has."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from properties.http import client_address as of_any


def client_address(request: HttpRequest) -> str:
    """The visitor's address; the proxy's if the proxy wrote something else: sign-ins count by it."""
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
    found = of_any.client_address(forwarded_for, peer, settings.TRUSTED_PROXY_COUNT)
    return found or of_any.plain_address(peer) or peer
