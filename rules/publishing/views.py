"""The publishing page, and one page per build."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from properties.models import Environment, Property
from properties.views.access import polled, property_page, require
from properties.views.notices import say, warn
from rules.models import Build, Library
from rules.publishing.production_warnings import production_warnings

from . import publishing_page
from .build import NotPublishable, activate, library_to_publish, live_build
from .field_changes import library_changes
from .flow import Flow, first_development, newest_build, production_build
from .libraries import (
    Change,
    NotEditable,
    add_all_changed,
    changed_resources,
    count_changed,
    open_library,
    working_library,
)
from .needs import add_with_needs, complete, listed, remove_with_needs
from .pending import make_if_forgotten, start


@property_page("view")
def publishing(request: HttpRequest, prop: Property) -> HttpResponse:
    places, library = publishing_page.places(prop), open_library(prop)
    live = production_build(places)
    context = {
        "library": library,
        "entries": library_changes(prop, live),
        "secrets": publishing_page.library_secrets(prop),
        "places": places,
        "production": live,
        "builds": publishing_page.recent_builds(prop, places),
        "flow": Flow(
            prop=prop,
            library=library,
            newest=newest_build(library),
            places=places,
            completion=publishing_page.completion(prop, first_development(places), may_publish=True),
            changes=changed_resources(prop),
            departing=publishing_page.departing(prop, places),
            warnings=production_warnings(prop),
        ),
    }
    return render(request, "publishing/publishing.html", context)


@property_page("develop")
@require_POST
def library_change(request: HttpRequest, prop: Property) -> HttpResponse:
    try:
        _change_library(request, prop)
    except NotEditable as error:
        warn(request, str(error))
    return redirect("rules:publishing", prop.uid)


@property_page("develop")
@require_POST
def build_library(request: HttpRequest, prop: Property) -> HttpResponse:
    environment = get_object_or_404(prop.environments, uid=request.POST.get("environment", ""))
    made = start(working_library(prop, request.user), environment, request.user)
    _say_built(request, made)
    return redirect("rules:build_detail", prop.uid, made.uid)


@property_page("view")
@require_POST
def publish_library(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Build the working library and make the build live; production asks for confirmation first."""
    environment = get_object_or_404(prop.environments, uid=environment_uid)
    _require_publish(request, environment)
    asks_first = _is_production(environment)
    if "complete" in request.POST:
        _complete(request, prop)
    made = start(working_library(prop, request.user), environment, request.user, goes_live=not asks_first)
    if made.status == Build.Status.SUCCEEDED and asks_first:
        return _confirm(request, made)
    _say_built(request, made)
    return redirect(_after(made))


@property_page("view")
@require_POST
def publish_build(request: HttpRequest, prop: Property, build_uid: str) -> HttpResponse:
    """Make a build live in its environment; an older build is a roll back."""
    made = get_object_or_404(Build, prop=prop, uid=build_uid)
    _require_publish(request, made.environment)
    asks_first = _is_production(made.environment) and not _is_confirmed(request, made)
    try:
        return _confirm(request, made) if asks_first else _go_live(request, made)
    except NotPublishable as error:
        warn(request, str(error))
        return redirect("rules:build_detail", prop.uid, made.uid)


@property_page("view")
def build_detail(request: HttpRequest, prop: Property, build_uid: str) -> HttpResponse:
    made = get_object_or_404(Build, prop=prop, uid=build_uid)
    live = live_build(made.environment)
    context = {
        "build": made,
        "progress": publishing_page.progress_of(made),
        "problems": publishing_page.problems(made),
        "advice": publishing_page.advice(made),
        "completion": _completion(request, made),
        "entries": publishing_page.named_entries(made),
        "is_live": live == made,
        "live": live,
        "differences": publishing_page.differences(made, live),
        "document": msgspec.json.format(made.document, indent=2) if made.document else "",
        "activations": made.activations.select_related("activated_by"),
    }
    return render(request, "publishing/build_detail.html", context)


@polled
@property_page("view")
def build_progress(request: HttpRequest, prop: Property, build_uid: str) -> HttpResponse:
    """Show the progress of a pending build; when it has ended, go to the next page."""
    made = get_object_or_404(Build, prop=prop, uid=build_uid)
    if made.status != Build.Status.PENDING:
        _say_built(request, made)
        return HttpResponseClientRedirect(_after(made))
    make_if_forgotten(made)
    context = {"build": made, "progress": publishing_page.progress_of(made)}
    return render(request, "publishing/build_progress.html", context)


def _change_library(request: HttpRequest, prop: Property) -> None:
    library, action, uid = working_library(prop, request.user), request.POST.get("action"), _resource(request)
    if action == "add_all":
        count = len(add_all_changed(library))
        say(request, f"{count} change{'' if count == 1 else 's'} added to {library}.")
    elif action == "complete":
        _complete(request, prop)
    elif action == "add":
        for change in changed_resources(prop):
            if change.resource.uid == uid:
                _add(request, library, change)
    elif action == "remove":
        gone = remove_with_needs(library, uid)
        if gone:
            say(request, f"Removed, with the resources that only it needed: {', '.join(gone)}.")


def _add(request: HttpRequest, library: Library, change: Change) -> None:
    shown = request.POST.get("revision", "")
    if shown and shown != str(change.revision.number):
        name = change.resource.display_name
        warn(request, f"“{name}” was not added: it changed after you opened this page. Check it first.")
    elif along := add_with_needs(library, change.revision):
        say(request, f"Added {change.resource.display_name}. With it: {listed(along)}.")


def _complete(request: HttpRequest, prop: Property) -> None:
    if along := complete(working_library(prop, request.user)):
        say(request, f"Added to the library: {listed(along)}.")


def _completion(request: HttpRequest, made: Build) -> publishing_page.Completion | None:
    """Return the resources that a failed build of the working library lacked, if it still lacks them."""
    library, rights = open_library(made.prop), request.rights  # type: ignore[attr-defined]
    if made.status != Build.Status.FAILED or made.library != library or "develop" not in rights:
        return None
    may_publish = "publish" in rights or not _is_production(made.environment)
    return publishing_page.completion(made.prop, made.environment, may_publish=may_publish)


def _go_live(request: HttpRequest, made: Build) -> HttpResponse:
    activate(made, request.user)
    say(request, _now_runs(made))
    return redirect("rules:publishing", made.prop.uid)


def _say_built(request: HttpRequest, made: Build) -> None:
    if made.status == Build.Status.SUCCEEDED:
        built = f"Built for {made.environment}. Publish it to make it live."
        say(request, _now_runs(made) if _is_live(made) else built)
        if left_out := _left_out(made):
            verb = "change is" if left_out == 1 else "changes are"
            warn(request, f"{left_out} {verb} not in the library, and so not in this build.")


def _now_runs(made: Build) -> str:
    return f"{made.environment} now runs the build of {made.library or 'a deleted library'}."


def _after(made: Build) -> str:
    """Return the next page: all environments if the build is live, else the build."""
    if _is_live(made):
        return reverse("rules:publishing", args=[made.prop.uid])
    return reverse("rules:build_detail", args=[made.prop.uid, made.uid])


def _is_live(made: Build) -> bool:
    return live_build(made.environment) == made


def _left_out(made: Build) -> int:
    """Return how many changes a build of the working library lacks."""
    if made.library is None or made.library.state != Library.State.DEVELOPMENT:
        return 0
    return count_changed(made.prop)


def _confirm(request: HttpRequest, made: Build) -> HttpResponse:
    library_to_publish(made)
    live = live_build(made.environment)
    context = {
        "build": made,
        "live": live,
        "differences": publishing_page.differences(made, live),
        "left_out": _left_out(made),
    }
    return render(request, "publishing/publish_confirm.html", context)


def _require_publish(request: HttpRequest, environment: Environment) -> None:
    """Require the right to publish for production, and the right to develop for the others."""
    require(request, "publish" if _is_production(environment) else "develop")


def _is_production(environment: Environment) -> bool:
    return environment.stage == Environment.Stage.PRODUCTION


def _is_confirmed(request: HttpRequest, made: Build) -> bool:
    """Return whether the person has seen these changes and no other build went live since."""
    if request.POST.get("confirm") != "yes":
        return False
    live = live_build(made.environment)
    seen = request.POST.get("against")
    if seen is None or seen == (live.uid if live else ""):
        return True
    warn(
        request,
        f"Another build went live in {made.environment} after you opened this page. Check the changes again.",
    )
    return False


def _resource(request: HttpRequest) -> str:
    return request.POST.get("resource", "")
