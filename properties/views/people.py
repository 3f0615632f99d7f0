"""The people of a property, with their rights."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.models import RIGHTS, Membership, Property
from properties.models.identifiers import row_id
from properties.saving import record

from .access import property_page
from .notices import say, warn
from .property_forms import RIGHT_LABELS, PersonForm, takes_last_owner
from .typing import Typing


@property_page("own")
def people(request: HttpRequest, prop: Property) -> HttpResponse:
    """List the people. ``?change=<id of a membership>`` fills the form with a person's current rights."""
    member = _asked_for(request, prop)
    typing = Typing(request, "person")
    with typing.alone(prop):
        member = _meant(prop, typing.data) or member
        form = PersonForm(prop, typing.data, initial=_rights_now(member))
        typing.into(form, saved=member or prop)
        if typing.may_save():
            _keep(request, prop, form)
            typing.done()
            return redirect("properties:people", prop.uid)
    if typing.is_sent:
        return typing.refuse()
    members = prop.memberships.select_related("user").order_by("user__username")
    rows = [(each, _words(each), set(each.rights) >= set(RIGHTS)) for each in members]
    return render(request, "properties/people.html", {"form": form, "rows": rows, "changing": member})


def _asked_for(request: HttpRequest, prop: Property) -> Membership | None:
    number = row_id(request.GET.get("change", ""))
    return prop.memberships.select_related("user").filter(pk=number or 0).first()


def _meant(prop: Property, sent: QueryDict | None) -> Membership | None:
    """Return the membership of the name in the sent form, which may differ from the opened one."""
    name = sent.get("username", "") if sent is not None else ""
    return prop.memberships.select_related("user").filter(user__username=name).first() if name else None


def _rights_now(member: Membership | None) -> dict[str, Any]:
    return {"username": member.user.get_username(), "rights": member.rights} if member else {}


def _words(member: Membership) -> list[str]:
    return [label.partition(":")[0] for right, label in RIGHT_LABELS.items() if right in member.rights]


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
    if takes_last_owner(prop, name, []):
        warn(request, f"{name} was not removed: at least one person must have all rights in this property.")
        return redirect("properties:people", prop.uid)
    with transaction.atomic():
        states = {"before": {"rights": member.rights}, "after": {}}
        record(prop, "membership.deleted", member, request.user, user=name, **states)
        member.delete()
    say(request, f"{name} is no longer in this property.")
    return redirect("properties:people", prop.uid)
