"""Pages that also open in the drawer beside another page."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

# Sent by capi.js and by the forms in the drawer.
HEADER, DRAWER = "Part", "drawer"


def is_drawer(request: HttpRequest) -> bool:
    """Return whether the page is asked for as the content of the drawer."""
    return request.headers.get(HEADER) == DRAWER


def render_either(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page, or the same as the content of the drawer. Its template extends ``frame``.

    Args:
        context: With ``close_url``, the page to which a drawer without another page behind it closes.
    """
    frame = "capi/drawer.html" if is_drawer(request) else "capi/page.html"
    return varying(render(request, template, {**context, "frame": frame}))


def render_with_drawer(request: HttpRequest, page: str, drawer: str, context: dict[str, Any]) -> HttpResponse:
    """Render a list whose page includes the drawer that its address names, or that drawer alone."""
    return varying(render(request, drawer if is_drawer(request) else page, context))


def varying(response: HttpResponse) -> HttpResponse:
    """Return an answer that no cache confuses: pages and drawers have the same address."""
    patch_vary_headers(response, [HEADER])
    return response


def drawer_done(request: HttpRequest, **events: Any) -> HttpResponse:
    """Answer a form of the drawer: close it, and say what was done.

    Args:
        events: Names of events for the page, with their details. ``_`` in a name stands for ``-``.
    """
    response = render(request, "capi/drawer_done.html")
    named = {name.replace("_", "-"): detail for name, detail in events.items()}
    response["HX-Reswap"] = "none"
    # The notices come first: they are lost if the form that was sent is gone with its drawer.
    response["HX-Trigger-After-Swap"] = "drawer-done"
    response["HX-Trigger-After-Settle"] = json.dumps(named)
    return response
