"""The name, domains and country of a property, and its deletion."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from properties.audit.differences import differences
from properties.models import Property
from properties.saving import record, record_code_secrets

from .access import property_page
from .notices import say, warn
from .property_forms import SettingsForm
from .typing import Typing


@property_page("own")
def property_settings(request: HttpRequest, prop: Property) -> HttpResponse:
    typing = Typing(request, "property-form")
    with typing.alone(prop):
        prop.refresh_from_db()
        shown_name, form = prop.name, SettingsForm(typing.data, instance=prop)
        typing.into(form, saved=prop)
        if typing.may_save():
            _save(form, request)
            typing.done()
            return redirect("properties:property_settings", prop.uid)
    if typing.is_sent:
        return typing.refuse()
    prop.name = shown_name  # A refused name must not appear around the form.
    return render(request, "properties/property_settings.html", {"form": form})


@transaction.atomic
def _save(form: SettingsForm, request: HttpRequest) -> None:
    prop = form.save()
    changed = {name: form.cleaned_data[name] for name in form.changed_data}
    before = {name: form.initial[name] for name in form.changed_data}
    record(prop, "property.updated", prop, request.user, **differences(before, changed))
    if "code_reads_secrets" in form.changed_data:
        record_code_secrets(prop, request.user)
    later = " The country takes effect with the next build." if "default_country" in form.changed_data else ""
    say(request, f"Saved “{prop.name}”.{later}")


@require_POST
@property_page("own")
def property_delete(request: HttpRequest, prop: Property) -> HttpResponse:
    if request.POST.get("name", "").strip() != prop.name:
        warn(request, "Nothing was deleted: the name that you typed is not the name of this property.")
        return redirect("properties:property_settings", prop.uid)
    with transaction.atomic():
        record(prop, "property.deleted", prop, request.user)
        prop.delete()
    say(request, f"Deleted the property “{prop.name}”.")
    return redirect("/")
