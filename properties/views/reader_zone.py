"""The time zone of the reader, as their browser names it in a cookie, otherwise UTC."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from properties.catalog.shown_times import read_in

COOKIE = "timezone"
# A part of a page uses the zone of the page that requests it.
HEADER = "Time-Zone"


class ReaderZoneMiddleware:
    """Shows times in the reader's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        zone = zone_of(request)
        with read_in(zone), timezone.override(zone):
            return self._get_response(request)


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    """Return the zone that the browser named, or None if it named none or an unknown one."""
    name = request.headers.get(HEADER) or request.COOKIES.get(COOKIE, "")
    return ZoneInfo(name) if name != "UTC" and name in _known() else None


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
