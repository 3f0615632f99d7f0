"""Environments: their datastreams, how to send to them, and who may. For tags: their libraries."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from properties.audit.differences import differences
from properties.catalog.references import secret_name
from properties.http.curl import EXAMPLE_BROWSER, NOW, curl_line
from properties.models import Datastream, Environment, Property
from properties.resources.component_settings import secret_hints
from properties.saving import record
from properties.secrets import credentials

from .access import property_page
from .navigation import environment_page
from .notices import say
from .parts import render_either
from .property_forms import DatastreamForm
from .tag_environments import tag_environments
from .typing import Typing, one_at_a_time

MADE_HERE = "datastream key"
EXAMPLE_EVENT = {
    "xdm": {
        "eventType": "commerce.purchases",
        "web": {"webPageDetails": {"URL": "https://shop.example/thank-you"}},
        "environment": {"browserDetails": {"userAgent": EXAMPLE_BROWSER}},
    },
    "data": {
        "event": "Purchase",
        "event_id": f"order-{NOW}",
        "user": {"email": "jane.doe@example.com"},
        "value": 99.5,
        "currency": "USD",
    },
}


def web_sdk_configuration(datastream: Datastream) -> str:
    """Return the Web SDK configuration of a site that sends to this datastream."""
    lines = {
        "datastreamId": datastream.uid,
        "orgId": datastream.web_sdk_org_id,
        "edgeDomain": urlsplit(settings.PUBLIC_URL).hostname,
        "edgeBasePath": "ee",
        "thirdPartyCookiesEnabled": False,
    }
    return f'alloy("configure", {json.dumps(lines, indent=2)});'


@property_page("view")
def environments(request: HttpRequest, prop: Property) -> HttpResponse:
    if prop.is_tags:
        return tag_environments(request, prop)
    found = prop.environments.select_related("datastream", "prop").prefetch_related("datastream__aliases")
    cards = [_card(environment) for environment in found]
    return render(request, "properties/environments.html", {"cards": cards})


@property_page("view")
def environment(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Show how to send to one environment, as a page and in the drawer."""
    found = get_object_or_404(prop.environments.select_related("datastream", "prop"), uid=environment_uid)
    context = {
        "card": _card(found),
        "secrets": _secret_names(prop, found),
        "endpoint": f"{settings.PUBLIC_URL}/ee/v2/interact",
        "is_https": settings.PUBLIC_URL.startswith("https:"),
        "row_id": found.uid,
        "close_url": reverse("properties:environments", args=[prop.uid]),
    }
    return render_either(request, "properties/environment.html", context)


def _secret_names(prop: Property, environment: Environment) -> list[str]:
    """Return the names of the secrets that the environment can use, without the keys made here."""
    usable = prop.secrets.filter(Q(environment=environment) | Q(environment=None))
    names = usable.exclude(name__contains=MADE_HERE).order_by("name")
    return list(names.values_list("name", flat=True).distinct())


def _card(environment: Environment) -> dict[str, Any]:
    datastream = environment.datastream
    return {
        "environment": environment,
        "datastream": datastream,
        "aliases": [alias.alias for alias in datastream.aliases.all()],
        "curl": curl_line(datastream, EXAMPLE_EVENT, settings.PUBLIC_URL),
        "web_sdk": web_sdk_configuration(datastream),
        "takes_every_site": environment.stage == Environment.Stage.PRODUCTION and datastream.takes_every_site,
        "last_event_url": environment_page("rules:last_event", environment),
        "test_event_url": environment_page("rules:test_event", environment),
    }


@property_page("manage_environments")
def datastream_edit(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    typing = Typing(request, "datastream-form")
    with typing.alone(prop):
        datastream = _datastream(prop, environment_uid)
        form = DatastreamForm(datastream, typing.data)
        typing.into(form, saved=datastream)
        if typing.may_save():
            _save(request, datastream, form.cleaned_data)
            typing.done()
            return redirect("properties:environments", prop.uid)
    return typing.refuse() if typing.is_sent else _page(request, datastream, form)


def _datastream(prop: Property, environment_uid: str) -> Datastream:
    return get_object_or_404(
        Datastream.objects.select_related("environment"),
        environment__prop=prop,
        environment__uid=environment_uid,
    )


def _page(
    request: HttpRequest, datastream: Datastream, form: DatastreamForm, new_key: str = ""
) -> HttpResponse:
    hints = secret_hints(datastream.environment.prop)
    names = [secret_name(key) or "" for key in datastream.keys]
    context = {
        "form": form,
        "environment": datastream.environment,
        "datastream": datastream,
        "keys": [(name, hints.get(name, "")) for name in names],
        "new_key": new_key,
    }
    return render(request, "properties/datastream_form.html", context)


@transaction.atomic
def _save(request: HttpRequest, datastream: Datastream, cleaned: dict[str, Any]) -> None:
    before = dict(DatastreamForm(datastream).initial)
    datastream.access = cleaned["access"]
    datastream.allowed_origins = cleaned["allowed_origins"]
    datastream.org_id = cleaned["org_id"]
    datastream.write_click_cookies = cleaned["write_click_cookies"]
    datastream.fpid_cookie = cleaned["fpid_cookie"]
    datastream.tcf_purposes = cleaned["tcf_purposes"]
    datastream.tcf_vendor = cleaned["tcf_vendor"]
    datastream.save()
    datastream.aliases.exclude(alias__in=cleaned["aliases"]).delete()
    for alias in cleaned["aliases"]:
        datastream.aliases.get_or_create(alias=alias)
    environment = datastream.environment
    record(environment.prop, "datastream.updated", datastream, request.user, **differences(before, cleaned))
    say(request, f"Saved the datastream of {environment.name}.")


@require_POST
@property_page("manage_environments")
def datastream_key_new(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Show the new key, on this page alone. The page is not cached, and no message holds the key."""
    key = secrets.token_urlsafe(32)
    with one_at_a_time(prop):
        datastream = _datastream(prop, environment_uid)
        name = f"{datastream.environment.name} {MADE_HERE} {secrets.token_hex(3)}"
        credentials.store(prop, name, key, datastream.environment)
        datastream.keys = [*datastream.keys, credentials.reference(name)]
        datastream.save()
        record(prop, "datastream.key_created", datastream, request.user, name=name)
    form = DatastreamForm(datastream)
    Typing(request, "datastream-form").into(form, saved=datastream)
    return _page(request, datastream, form, new_key=key)


@require_POST
@property_page("manage_environments")
def datastream_key_remove(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    name = request.POST.get("name", "")
    with one_at_a_time(prop):
        datastream = _datastream(prop, environment_uid)
        if credentials.reference(name) not in datastream.keys:
            raise Http404
        datastream.keys = [key for key in datastream.keys if secret_name(key) != name]
        datastream.save()
        prop.secrets.filter(name=name, name__contains=MADE_HERE).delete()
        record(prop, "datastream.key_removed", datastream, request.user, name=name)
    say(request, "Removed the key. Requests with it are refused within a second.")
    return redirect("properties:datastream_edit", prop.uid, environment_uid)
