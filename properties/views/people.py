"""Who works in a property, with which rights."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.models import RIGHTS, Membership, Property
from properties.models.identifiers import row_id
from properties.saving import record

from .access import property_page
from .notices import say, warn
from .property_forms import RIGHT_LABELS, PersonForm


@property_page("own")
def people(request: HttpRequest, prop: Property) -> HttpResponse:
    """Who is in it; ``?change=<id of a membership>`` fills the form with what a person has now."""
    member = _asked_for(request, prop)
    form = PersonForm(request.POST or None, initial=_rights_now(member))
    if request.method == "POST" and form.is_valid():
        if not _takes_last_owner(prop, form.cleaned_data["username"], form.cleaned_data["rights"]):
            _keep(request, prop, form)
            return redirect("properties:people", prop.uid)
        form.add_error("rights", "Somebody must keep all rights: this is the last person who has them.")
    members = prop.memberships.select_related("user").order_by("user__username")
    rows = [(each, _words(each)) for each in members]
    return render(request, "properties/people.html", {"form": form, "rows": rows, "changing": member})


def _asked_for(request: HttpRequest, prop: Property) -> Membership | None:
    number = row_id(request.GET.get("change", ""))
    return prop.memberships.select_related("user").filter(pk=number or 0).first()


def _rights_now(member: Membership | None) -> dict[str, Any]:
    return {"username": member.user.get_username(), "rights": member.rights} if member else {}


def _words(member: Membership) -> list[str]:
    return [RIGHT_LABELS[right].partition(":")[0] for right in RIGHTS if right in member.rights]


def _takes_last_owner(prop: Property, username: str, rights: list[str]) -> bool:
    """Whether nobody would hold all rights any more; where nobody does now, nothing is lost."""
    members = prop.memberships.filter(user__is_active=True).select_related("user")
    owners = {each.user.get_username() for each in members if set(each.rights) >= set(RIGHTS)}
    return owners == {username} and not set(rights) >= set(RIGHTS)


@transaction.atomic
def _keep(request: HttpRequest, prop: Property, form: PersonForm) -> None:
    user = get_user_model().objects.get(username=form.cleaned_data["username"])
    rights = form.cleaned_data["rights"]
    earlier = Membership.objects.filter(user=user, prop=prop).first()
    member, is_new = Membership.objects.update_or_create(user=user, prop=prop, defaults={"rights": rights})
    states = {"before": {"rights": earlier.rights} if earlier else {}, "after": {"rights": rights}}
    verb = "created" if is_new else "updated"
    record(prop, f"membership.{verb}", member, request.user, user=user.get_username(), **states)
    say(request, f"Saved the rights of {user.get_username()}.")


@require_POST
@property_page("own")
def person_remove(request: HttpRequest, prop: Property, member_id: int) -> HttpResponse:
    member = get_object_or_404(prop.memberships, pk=member_id)
    name = member.user.get_username()
    if _takes_last_owner(prop, name, []):
        warn(request, f"{name} stays: somebody must keep all rights in this property.")
        return redirect("properties:people", prop.uid)
    with transaction.atomic():
        states = {"before": {"rights": member.rights}, "after": {}}
        record(prop, "membership.deleted", member, request.user, user=name, **states)
        member.delete()
    say(request, f"{name} is no longer in this property.")
    return redirect("properties:people", prop.uid)
