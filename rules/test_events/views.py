"""The page that sends a test event, and its part that shows the outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_htmx.http import replace_url

from properties.models import Datastream, Environment, Property
from properties.models.identifiers import row_id
from properties.saving import record
from properties.views.access import polled, property_page
from properties.views.parts import is_drawer, render_either
from rules.dry_run.samples import NoSample
from rules.dry_run.saved_events import text_of
from rules.forwarding.in_process_client import EdgeAway
from rules.models import Activation

from .example import example_event, example_rules
from .following import SentTestEvent, follow
from .sending import EventRefused, send

UNTOUCHED = 422


@property_page("develop")
def test_event(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Show the form; when it is sent, answer with the part that follows the event."""
    datastream = _datastream(prop, environment_uid)
    if request.method != "POST":
        return _page(request, datastream, _asked(request), **_followed(datastream, request))
    text = request.POST.get("event", "")
    try:
        sent = send(datastream, text, request.META)
    except NoSample as error:
        return _refused(request, datastream, text, {"problem": str(error)})
    except EdgeAway as error:
        return _refused(request, datastream, text, {"away": str(error)})
    except EventRefused as error:
        return _refused(request, datastream, text, {"refused": error})
    facts = {"environment": str(datastream.environment), "request": sent.request_id}
    record(prop, "environment.test_event_sent", datastream, request.user, **facts)
    address = f"{request.path}?{_query(sent, rule=_asked(request))}"
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(address)
    context = _context(datastream, sent, request.rights)  # type: ignore[attr-defined]
    response = render(request, "test_events/outcome.html", context)
    # The address of a drawer leads to the form; that of the page to what became of the event.
    return response if is_drawer(request) else replace_url(response, address)


@polled
@property_page("view")
def test_event_outcome(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Show the part of the page that changes."""
    datastream = _datastream(prop, environment_uid)
    followed = _followed(datastream, request)
    if not followed:
        return HttpResponse(status=204)
    return render(request, "test_events/outcome.html", followed)


def _datastream(prop: Property, environment_uid: str) -> Datastream:
    found = Datastream.objects.select_related("environment__prop")
    return get_object_or_404(found, environment__prop=prop, environment__uid=environment_uid)


def _asked(request: HttpRequest) -> str:
    return request.GET.get("rule", "")


def _page(request: HttpRequest, datastream: Datastream, rule_uid: str, **more: Any) -> HttpResponse:
    prop = datastream.environment.prop
    rules = example_rules(prop)
    rule = next((it for it in rules if it.uid == rule_uid), next(iter(rules), None))
    saved = list(prop.saved_events.all())
    chosen_saved = next((it for it in saved if it.uid == request.GET.get("saved")), None)
    context = {
        "environment": datastream.environment,
        "datastream": datastream,
        "rules": rules,
        "chosen": None if chosen_saved else rule,
        "saved": saved,
        "chosen_saved": chosen_saved,
        "text": text_of(chosen_saved) if chosen_saved else example_event(prop, rule),
        "close_url": _log_of(datastream.environment),
        "is_live": Activation.objects.filter(environment=datastream.environment).exists(),
        **more,
    }
    response = render_either(request, "test_events/test_event.html", context)
    response.status_code = UNTOUCHED if "text" in more else 200
    return response


def _log_of(environment: Environment) -> str:
    log = reverse("rules:event_log", args=[environment.prop.uid])
    return f"{log}?{urlencode({'env': environment.uid})}"


def _refused(request: HttpRequest, datastream: Datastream, text: str, why: dict[str, Any]) -> HttpResponse:
    """Show the refusal in place; the typed text stays."""
    if request.htmx:  # type: ignore[attr-defined]
        context = {"environment": datastream.environment, **why}
        return render(request, "test_events/outcome.html", context)
    return _page(request, datastream, _asked(request), text=text, **why)


def _query(sent: SentTestEvent, rule: str = "") -> str:
    further = {"kept": "" if sent.is_kept else "no", "rule": rule, "event": sent.event_id}
    named = {name: value for name, value in further.items() if value}
    return urlencode({"sent": sent.request_id, "at": sent.at, **named})


def _followed(datastream: Datastream, request: HttpRequest) -> dict[str, Any]:
    """Return the state of the test event that an address names; empty if it names none."""
    request_id, at = request.GET.get("sent", ""), request.GET.get("at", "")
    if not (request_id.replace("-", "").isalnum() and at.isascii() and at.isdigit() and len(at) < 12):
        return {}
    is_kept, event_id = request.GET.get("kept") != "no", row_id(request.GET.get("event", ""))
    sent = SentTestEvent(request_id[:40], int(at), is_kept, event_id)
    return _context(datastream, sent, request.rights)  # type: ignore[attr-defined]


def _context(datastream: Datastream, sent: SentTestEvent, rights: frozenset[str]) -> dict[str, Any]:
    environment = datastream.environment
    address = reverse("rules:test_event_outcome", args=[environment.prop.uid, environment.uid])
    following = follow(environment, sent)
    if following.row:
        sent = replace(sent, event_id=following.row.event.pk)
    return {
        "environment": environment,
        "following": following,
        **_publishing(environment, rights),
        "poll": f"{address}?{_query(sent)}",
    }


def _publishing(environment: Environment, rights: frozenset[str]) -> dict[str, Any]:
    """QualityOffer to publish to production, to people who may, if the event went to another environment."""
    is_there = environment.stage == Environment.Stage.PRODUCTION
    prop = environment.prop
    production = None if is_there else prop.environments.filter(stage=Environment.Stage.PRODUCTION).first()
    if production is None or "publish" not in rights:
        return {}
    url = reverse("rules:publish_library", args=[prop.uid, production.uid])
    return {"production": production, "publish_url": url}
