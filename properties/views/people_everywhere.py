"""The people of this server, for its administrators: who may sign in, and when they were last here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from .access import signed_in_page
from .notices import say, warn
from .parts import render_with_drawer


class NewPersonForm(UserCreationForm):  # type: ignore[type-arg]
    """A new user. The password is the first one: the person chooses another at the first sign-in."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "first_name", "last_name", "email")


@signed_in_page
@permission_required(("auth.view_user", "auth.add_user"), raise_exception=True)
def people_everywhere(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if form.is_valid():
        user = form.save()
        say(
            request,
            f"{user.get_username()} can sign in now. Give them rights on the page People of a property.",
        )
        return redirect("properties:people_everywhere")
    is_open = form.is_bound or "invite" in request.GET
    context = {"people": _people(), "form": form, "is_open": is_open}
    page, drawer = "properties/people_everywhere.html", "properties/person_new.html"
    return render_with_drawer(request, page, drawer, context)


@require_POST
@signed_in_page
@permission_required("auth.change_user", raise_exception=True)
def person_switch(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a person sign in, or no longer."""
    user = get_object_or_404(get_user_model(), pk=user_id)
    if user.pk == request.user.pk or (user.is_superuser and not _is_superuser(request)):
        warn(request, "You cannot switch off yourself, or an administrator if you are none.")
        return redirect("properties:people_everywhere")
    user.is_active = not user.is_active
    user.save(update_fields=["is_active"])
    words = "can sign in again" if user.is_active else "can no longer sign in"
    say(request, f"{user.get_username()} {words}.")
    return redirect("properties:people_everywhere")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _people() -> QuerySet[Any]:
    counted = User.objects.annotate(
        properties=Count("memberships", distinct=True), seen_at=Max("open_sessions__last_seen_at")
    )
    return counted.order_by("-is_active", "username")
