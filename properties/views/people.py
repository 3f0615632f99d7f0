"""Who works in a property, with which rights."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.models import RIGHTS, Membership, Property
from properties.saving import record

from .access import property_page
from .notices import say, warn
from .property_forms import RIGHT_LABELS, PersonForm, membership_form


@property_page("own")
def people(request: HttpRequest, prop: Property) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _leaves_an_owner(prop, form.cleaned_data["username"], form.cleaned_data["rights"]):
            _keep(request, prop, form)
            return redirect("properties:people", prop.uid)
        form.add_error("rights", "Somebody must keep all rights: this is the last person who has them.")
    members = prop.memberships.select_related("user").order_by("user__username")
    rows = [(member, membership_form(member), _words(member)) for member in members]
    return render(request, "properties/people.html", {"form": form, "rows": rows})


def _words(member: Membership) -> list[str]:
    return [RIGHT_LABELS[right].partition(":")[0] for right in RIGHTS if right in member.rights]


def _leaves_an_owner(prop: Property, username: str, rights: list[str]) -> bool:
    others = prop.memberships.exclude(user__username=username)
    return set(rights) >= set(RIGHTS) or any(set(other.rights) >= set(RIGHTS) for other in others)


@transaction.atomic
def _keep(request: HttpRequest, prop: Property, form: PersonForm) -> None:
    user = get_user_model().objects.get(username=form.cleaned_data["username"])
    rights = form.cleaned_data["rights"]
    member, _ = Membership.objects.update_or_create(user=user, prop=prop, defaults={"rights": rights})
    record(prop, "membership.updated", member, request.user, user=user.get_username(), rights=rights)
    say(request, f"Saved the rights of {user.get_username()}.")


@require_POST
@property_page("own")
def person_remove(request: HttpRequest, prop: Property, member_id: int) -> HttpResponse:
    member = get_object_or_404(prop.memberships, pk=member_id)
    name = member.user.get_username()
    if not _leaves_an_owner(prop, name, []):
        warn(request, f"{name} stays: somebody must keep all rights in this property.")
        return redirect("properties:people", prop.uid)
    with transaction.atomic():
        record(prop, "membership.deleted", member, request.user, user=name)
        member.delete()
    say(request, f"{name} is no longer in this property.")
    return redirect("properties:people", prop.uid)
