"""The people of a property, with their rights."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from properties.models import RIGHTS, Membership, Property
from properties.models.identifiers import row_id
from properties.saving import record

from .access import property_page
from .notices import say, warn
from .parts import render_with_drawer
from .property_forms import RIGHT_LABELS, PersonForm, takes_last_owner
from .typing import Typing

# The usual sets of rights.
SETS: dict[str, tuple[str, ...]] = {
    "Viewer": (),
    "Editor": ("develop",),
    "Publisher": ("develop", "publish"),
    "Admin": RIGHTS,
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of a property.

    Args:
        has: Whether the person has each right of ``RIGHT_LABELS``.
        set_name: The name of the set of rights.
        seen_at: None if the person never signed in.
    """

    member: Membership
    has: list[bool]
    set_name: str
    seen_at: datetime | None


@property_page("own")
def people(request: HttpRequest, prop: Property) -> HttpResponse:
    """List the people. ``?invite=1`` opens the form; ``?change=<id>`` opens it for one of them."""
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
    context = {
        "form": form,
        "rows": _rows(prop),
        "columns": [label.partition(":")[0] for label in RIGHT_LABELS.values()],
        "changing": member,
        "is_open": form.is_bound or member is not None or "invite" in request.GET,
    }
    return render_with_drawer(request, "properties/people.html", "properties/person_form.html", context)


def _asked_for(request: HttpRequest, prop: Property) -> Membership | None:
    number = row_id(request.GET.get("change", ""))
    return prop.memberships.select_related("user").filter(pk=number or 0).first()


def _meant(prop: Property, sent: QueryDict | None) -> Membership | None:
    """Return the membership of the name in the sent form, which may differ from the opened one."""
    name = sent.get("username", "") if sent is not None else ""
    return prop.memberships.select_related("user").filter(user__username=name).first() if name else None


def _rights_now(member: Membership | None) -> dict[str, Any]:
    return {"username": member.user.get_username(), "rights": member.rights} if member else {}


def _rows(prop: Property) -> list[PersonRow]:
    members = prop.memberships.select_related("user").annotate(
        seen_at=Max("user__open_sessions__last_seen_at")
    )
    return [_row(member) for member in members.order_by("user__username")]


def _row(member: Any) -> PersonRow:
    has = [right in member.rights for right in RIGHT_LABELS]
    return PersonRow(member, has, set_name(member.rights), member.seen_at or member.user.last_login)


def set_name(rights: Collection[str]) -> str:
    """Return the name of a usual set of rights, or “Custom”."""
    return next((name for name, usual in SETS.items() if set(usual) == set(rights)), "Custom")


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
