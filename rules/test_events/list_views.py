"""The page *Test Events*: the codes of each environment, and the events that were sent with one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from properties.models import Environment, Property
from properties.saving import record
from properties.views.access import property_page
from properties.views.environment_scope import chosen_environment
from properties.views.notices import say, warn
from rules.delivery.retention import EVENT_DAYS
from rules.event_log.counts import counts_of
from rules.event_log.filters import ANY_TEST, EventLogFilter
from rules.event_log.log_page import Choice, LogAddress, chips

from .codes import HOURS, WrongCode, codes_of, question_of, set_code, turn_off, turn_on_again
from .sent_events import known_codes, sent_events

HOUR_NAMES = {1: "1 hour", 4: "4 hours", 24: "1 day", 168: "7 days"}


@property_page("view")
def tests(request: HttpRequest, prop: Property) -> HttpResponse:
    environment = chosen_environment(request, prop)
    asked = EventLogFilter.of(request.GET.dict(), usual_range="7d")
    asked = replace(asked, test=asked.test or ANY_TEST)
    address = LogAddress(asked, environment)
    page = sent_events(prop, environment, asked)
    counts = counts_of(prop, asked, environment, sees_bodies=False)
    context = {
        "environment": environment,
        "environments": codes_of(prop, timezone.now()),
        "question": question_of(prop),
        "hours": [(it, HOUR_NAMES[it]) for it in HOURS],
        "page": page,
        "asked": asked,
        "is_filtered": bool(asked.result) or asked.test != ANY_TEST,
        "chips": list(chips(address, counts)),
        "code_choices": _code_choices(prop, address),
        "older": address.to(before=page.older) if page.older else "",
        "log_url": f"{reverse('rules:event_log', args=[prop.uid])}{address.to()}",
        "kept_days": EVENT_DAYS,
    }
    return render(request, "test_events/tests.html", context)


def _code_choices(prop: Property, address: LogAddress) -> list[Choice]:
    known = known_codes(prop, address.environment)
    named = {ANY_TEST: "All codes"} | {code: code for code in known}
    return [
        Choice(label, address.to(test=value), value == address.asked.test) for value, label in named.items()
    ]


@property_page("develop")
@require_POST
def test_code_set(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    environment = _environment(prop, environment_uid)
    code, hours = request.POST.get("code", ""), request.POST.get("hours", "")
    try:
        found = set_code(environment, code, hours, request.user, timezone.now())
    except WrongCode as error:
        warn(request, str(error))
        return _back(environment)
    facts: dict[str, Any] = {"environment": str(environment), "code": found.code, "hours": int(hours)}
    record(prop, "environment.test_code_set", environment, request.user, **facts)
    say(request, f"Events of {environment.name} are sent with {found.code} for {HOUR_NAMES[int(hours)]}.")
    return _back(environment)


@property_page("develop")
@require_POST
def test_code_off(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Turn the codes off, or with ``rules`` = ``on`` let the rules decide again."""
    environment = _environment(prop, environment_uid)
    is_on = request.POST.get("rules") == "on"
    if is_on:
        turn_on_again(environment)
    else:
        turn_off(environment, request.user, timezone.now())
    name = "environment.test_code_left_to_rules" if is_on else "environment.test_code_off"
    record(prop, name, environment, request.user, environment=str(environment))
    sends = "with the codes of its rules again" if is_on else "without a test code from now on"
    say(request, f"Events of {environment.name} are sent {sends}.")
    return _back(environment)


def _environment(prop: Property, uid: str) -> Environment:
    return get_object_or_404(Environment.objects.select_related("prop"), prop=prop, uid=uid)


def _back(environment: Environment) -> HttpResponse:
    page = reverse("rules:tests", args=[environment.prop.uid])
    return redirect(f"{page}?{urlencode({'env': environment.uid})}")
