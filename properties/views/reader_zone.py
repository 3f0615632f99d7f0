"""The time zone of whoever reads a page: what their browser told in a cookie, else UTC."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from properties.catalog.shown_times import read_in

COOKIE = "timezone"
# A part of a page is in the zone of the page that asks for it.
HEADER = "Time-Zone"


class ReaderZoneMiddleware:
    """Pages show times in the reader's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        zone = zone_of(request)
        with read_in(zone), timezone.override(zone):
            return self._get_response(request)


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    """The zone that the browser named; None when it named none, or one that is not known here."""
    name = request.headers.get(HEADER) or request.COOKIES.get(COOKIE, "")
    return ZoneInfo(name) if name != "UTC" and name in _known() else None


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
