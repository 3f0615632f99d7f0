"""All properties of a person, and a new one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from properties.creation import create_property
from properties.models import Property

from .navigation import home_of
from .notices import say
from .property_forms import PropertyForm


@dataclass(frozen=True, slots=True)
class Card:
    """A property in the list."""

    prop: Property
    url: str
    extensions: list[str]
    data_elements: int


@login_required
def property_list(request: HttpRequest) -> HttpResponse:
    visible = Property.objects.visible_to(request.user).prefetch_related("extensions")
    cards = [_card(prop) for prop in visible]
    context = {"cards": cards, "may_add": request.user.has_perm("properties.add_property")}
    return render(request, "properties/property_list.html", context)


def _card(prop: Property) -> Card:
    names = sorted(extension.display_name for extension in prop.extensions.all())
    return Card(prop, home_of(prop), names, prop.dataelements.count())


@login_required
@permission_required("properties.add_property", raise_exception=True)
def property_new(request: HttpRequest) -> HttpResponse:
    form = PropertyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        prop = create_property(actor=request.user, **form.cleaned_data)
        say(
            request, f"“{prop.name}” is ready: three environments, a datastream for each, and Core installed."
        )
        return redirect(home_of(prop))
    return render(request, "properties/property_new.html", {"form": form})
