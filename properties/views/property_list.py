"""The properties of a person, and the form of a new one."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from properties.models import Property
from properties.resources.creation import create_property

from .access import signed_in_page
from .navigation import home_of
from .notices import say
from .property_forms import NewPropertyForm
from .typing import Typing


@signed_in_page
def property_list(request: HttpRequest) -> HttpResponse:
    visible = Property.objects.visible_to(request.user).order_by(Lower("name"))
    cards = [(prop, home_of(prop)) for prop in visible]
    context = {"cards": cards, "may_add": request.user.has_perm("properties.add_property")}
    return render(request, "properties/property_list.html", context)


@signed_in_page
@permission_required("properties.add_property", raise_exception=True)
def property_new(request: HttpRequest) -> HttpResponse:
    typing = Typing(request, "property-form")
    form = NewPropertyForm(typing.data)
    typing.into(form)
    if typing.may_save():
        prop = create_property(actor=request.user, **form.cleaned_data)
        what = "" if prop.is_tags else ", a datastream for each"
        say(request, f"“{prop.name}” is ready: three environments{what}, and Core installed.")
        typing.done()
        return redirect(home_of(prop))
    if typing.is_sent:
        return typing.refuse()
    return render(request, "properties/property_new.html", {"form": form})
