"""Environments of a tags property: the embed codes of their libraries, and how long browsers keep these."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from properties.audit.differences import differences
from properties.models import Environment, Property
from properties.resources.embedding import Embedding
from properties.resources.linked_property import linked_property
from properties.resources.shop_links import shop_of
from properties.saving import record

from .access import property_page
from .navigation import environment_page, home_of
from .notices import say
from .typing import Typing


class CachingForm(forms.Form):
    """How long browsers may keep the library of an environment without asking for a newer one."""

    library_seconds = forms.IntegerField(
        label="Seconds",
        required=False,
        min_value=0,
        max_value=Environment.MOST_LIBRARY_SECONDS,
        help_text="If empty, 300 in Production and 0 elsewhere: browsers then ask each time, and usually "
        "get a short “not changed”. A publication reaches every visitor after this time.",
    )


def tag_environments(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the environments of a tags property with their embed codes."""
    parts, linked = urlsplit(settings.TAGS_URL), linked_property(prop)
    visible = Property.objects.visible_to(request.user)
    context = {
        "cards": [_card(environment) for environment in prop.environments.select_related("prop")],
        "origin": f"{parts.scheme}://{parts.netloc}",
        "is_https": parts.scheme == "https",
        "linked": linked,
        "shop_url": shop_of(prop),
        "linked_url": home_of(linked) if linked and visible.filter(pk=linked.pk).exists() else "",
    }
    return render(request, "properties/tag_environments.html", context)


def _card(environment: Environment) -> dict[str, Any]:
    return {
        "environment": environment,
        "embedding": Embedding(environment),
        "live_url": environment_page("rules:live_library", environment),
    }


@property_page("manage_environments")
def caching_edit(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    if not prop.is_tags:
        raise Http404("Only tags properties have libraries.")
    typing = Typing(request, "caching-form")
    with typing.alone(prop):
        environment = get_object_or_404(prop.environments, uid=environment_uid)
        before = {"library_seconds": environment.library_seconds}
        form = CachingForm(typing.data, initial=before)
        typing.into(form, saved=environment)
        if typing.may_save():
            environment.library_seconds = form.cleaned_data["library_seconds"]
            environment.save(update_fields=["library_seconds"])
            states = differences(before, form.cleaned_data)
            record(prop, "environment.updated", environment, request.user, **states)
            typing.done()
            say(request, f"Saved {environment.name}.")
            return redirect("properties:environments", prop.uid)
    if typing.is_sent:
        return typing.refuse()
    return render(request, "properties/caching_form.html", {"form": form, "environment": environment})
