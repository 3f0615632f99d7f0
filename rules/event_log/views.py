"""The event log: its page, its live part, its search and its file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

from properties.catalog.shown_times import for_input
from properties.http.curl import curl_line
from properties.models import Datastream, Property
from properties.models.identifiers import row_id
from properties.saving import record
from properties.views.access import polled, property_page
from properties.views.environment_scope import chosen_environment
from properties.views.environments import EXAMPLE_EVENT
from properties.views.parts import HEADER, is_drawer
from rules.delivery.retention import EVENT_DAYS
from rules.explain.outcome_meanings import MEANINGS

from .counts import counts_of
from .downloads import FORMATS, download
from .empty_list import nothing
from .event_views import drawer_of
from .filters import EventLogFilter, is_plain_address
from .live import Changes, Cursor, changes
from .log_page import RANGE_NAMES, Filters, LogAddress, chips, ranges, rate_of, read_filter
from .rows import EventLogPage, page_of
from .search import shown_search


@property_page("view")
def event_log(request: HttpRequest, prop: Property) -> HttpResponse:
    if "environment" in request.GET:
        return redirect(_with_env(request))
    if is_plain_address(request.GET):
        return redirect(f"{request.path}?{EventLogFilter.of(request.GET.dict()).query()}")
    environment = chosen_environment(request, prop)
    drawer = drawer_of(request, prop)
    if is_drawer(request):
        if "story" not in drawer:
            raise Http404
        return _varied(render(request, "event_log/drawer.html", drawer))
    context = {**drawer, **_log(request, prop, LogAddress(read_filter(request.GET.dict()), environment))}
    return _varied(render(request, "event_log/event_log.html", context))


@property_page("view")
@require_POST
def event_search(request: HttpRequest, prop: Property) -> HttpResponse:
    """Go to the log with what the search field and the filters say. An email address is hashed here."""
    asked = EventLogFilter.of(request.POST.dict())
    env = {"env": request.POST["env"]} if "env" in request.POST else {}
    return redirect(f"{reverse('rules:event_log', args=[prop.uid])}?{asked.query(**env)}")


@polled
@property_page("view")
def event_live(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the changes since a page was shown, or answer 204. ``held`` only counts the new events."""
    address = LogAddress(read_filter(request.GET.dict()), chosen_environment(request, prop))
    cursor, sees_bodies = Cursor.of(request.GET.dict()), _sees_bodies(request)
    found = changes(prop, address.asked, cursor, address.environment, sees_bodies=sees_bodies)
    if not found:
        return HttpResponse(status=204)
    if "held" in request.GET:
        return _held(request, prop, address, found, cursor)
    start = Cursor() if found.is_flooded else cursor
    context = {
        "changes": found,
        **_counted(prop, address, sees_bodies=sees_bodies),
        **_live(prop, address, start.moved([*found.new, *found.changed])),
    }
    return render(request, "event_log/live.html", context)


def _held(
    request: HttpRequest, prop: Property, address: LogAddress, found: Changes, cursor: Cursor
) -> HttpResponse:
    """Show how many events are new, and the rows that changed; the new ones come with a later request."""
    waiting = f"{len(found.new)}{'+' if found.is_flooded else ''}" if found.new else ""
    context = {
        "changes": Changes([], found.changed),
        "waiting": waiting,
        **_live(prop, address, Cursor(cursor.after, cursor.moved(found.changed).watched)),
    }
    return render(request, "event_log/live.html", context)


@property_page("view")
@require_POST
def event_download(request: HttpRequest, prop: Property) -> HttpResponseBase:
    """Answer with the chosen or filtered events as a file: ``format`` is ``csv`` or ``json``."""
    form = request.POST.get("format", "")
    form = form if form in FORMATS else "csv"
    given = QueryDict(request.POST["filter"]) if "filter" in request.POST else request.POST
    asked = EventLogFilter.of(given.dict())
    environment = prop.environments.filter(uid=given.get("env", "")).first()
    chosen = [number for it in request.POST.getlist("event") if (number := row_id(it))]
    only = chosen if chosen and "filter" not in request.POST else None
    facts = {"format": form, "filter": asked.query(), **({"chosen": len(only)} if only else {})}
    record(prop, "events.downloaded", prop, request.user, **facts)
    sees_bodies = _sees_bodies(request)
    return download(request, prop, asked, environment, form, only=only, sees_bodies=sees_bodies)


@property_page("view")
def states(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the page *What the states mean*."""
    return render(request, "event_log/states.html", {"meanings": MEANINGS})


def _with_env(request: HttpRequest) -> str:
    """Return the address with the present name of a filter that bookmarks have."""
    query = request.GET.copy()
    query["env"] = query.pop("environment")[-1]
    return f"{request.path}?{query.urlencode()}"


def _log(request: HttpRequest, prop: Property, address: LogAddress) -> dict[str, Any]:
    asked, environment = address
    sees_bodies = _sees_bodies(request)
    page = page_of(prop, asked, environment, sees_bodies=sees_bodies)
    return {
        "page": page,
        "asked": asked,
        "shown_search": shown_search(asked.q),
        "is_live": asked.before is None and not asked.until,
        "ranges": ranges(address),
        "range_name": RANGE_NAMES.get(
            asked.range, "Chosen dates" if asked.since or asked.until else "Any time"
        ),
        "filters": Filters(prop, address),
        **(_empty(request, prop, address) if not page.rows else {}),
        "filter_query": asked.query(environment=environment.uid, env=environment.uid),
        "since_local": for_input(asked.since),
        "until_local": for_input(asked.until),
        "first_page": address.to(),
        "older": _older(address, page),
        "kept_days": EVENT_DAYS,
        **_counted(prop, address, sees_bodies=sees_bodies),
        **_live(prop, address, Cursor().moved(page.rows)),
    }


def _empty(request: HttpRequest, prop: Property, address: LogAddress) -> dict[str, Any]:
    """Return what the page shows instead of rows."""
    why = nothing(prop, address, sees_bodies=_sees_bodies(request))
    datastream = Datastream.objects.filter(environment=address.environment).first()
    if not why.is_first or datastream is None:
        return {"nothing": why}
    return {"nothing": why, "curl": curl_line(datastream, EXAMPLE_EVENT, settings.PUBLIC_URL)}


def _counted(prop: Property, address: LogAddress, *, sees_bodies: bool) -> dict[str, Any]:
    counts = counts_of(prop, address.asked, address.environment, sees_bodies=sees_bodies)
    return {"counts": counts, "chips": list(chips(address, counts)), "rate": rate_of(address.environment)}


def _older(address: LogAddress, page: EventLogPage) -> str:
    before = page.older or page.searched_to
    return address.to(before=before) if before else ""


def _live(prop: Property, address: LogAddress, cursor: Cursor) -> dict[str, Any]:
    """Return the address that the page polls for changes, and the query that its rows keep."""
    asked, environment = address
    query = asked.query(env=environment.uid, after=cursor.after, watch=cursor.watch)
    return {
        "live_url": f"{reverse('rules:event_live', args=[prop.uid])}?{query}",
        "row_query": asked.query(env=environment.uid, before=asked.before),
        "list_environment": environment,
    }


def _sees_bodies(request: HttpRequest) -> bool:
    """Only people who develop this property see stored bodies, which contain customer data."""
    return "develop" in request.rights  # type: ignore[attr-defined]


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, [HEADER])
    return response
