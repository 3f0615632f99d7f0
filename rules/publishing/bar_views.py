"""The working-library bar: building for Development from any page, and naming the library."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.saving import record
from properties.views.access import polled, property_page
from properties.views.notices import say, warn
from rules.models import Build, Library

from . import publishing_page
from .libraries import count_changed, locked, open_library, working_library
from .library_bar import first_development, library_bar
from .needs import complete, library_needs
from .pending import make_if_forgotten, start

NAME_LENGTH = 255


@property_page("develop")
@require_POST
def bar_build(request: HttpRequest, prop: Property) -> HttpResponse:
    """Build the working library for Development and make it live there, unless it lacks something.

    With ``complete``, first add what it lacks.
    """
    library, environment = working_library(prop, request.user), first_development(prop)
    if environment is None:
        raise Http404("This property has no Development environment.")
    if "complete" in request.POST:
        complete(library)
    if needs := library_needs(library):
        return _answer(request, prop, library, needs=needs)
    return _answer(request, prop, library, made=start(library, environment, request.user, goes_live=True))


@polled
@property_page("view")
def bar(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the bar while a build is being made; when it has ended, say how."""
    made = Build.objects.select_related("library").filter(prop=prop, uid=request.GET.get("build", "")).first()
    if made and made.status == Build.Status.PENDING:
        make_if_forgotten(made)
    return _answer(request, prop, made.library if made else None, made=made)


@property_page("develop")
@require_POST
def library_add(request: HttpRequest, prop: Property) -> HttpResponse:
    """Open a working library, unless there is one."""
    working_library(prop, request.user)
    return redirect(_came_from(request) or publishing_page.address(prop))


@property_page("develop")
@require_POST
def library_rename(request: HttpRequest, prop: Property) -> HttpResponse:
    library, name = open_library(prop), " ".join(request.POST.get("name", "").split())[:NAME_LENGTH]
    if library is None:
        raise Http404("This property has no working library.")
    if name and name != library.name:
        _rename(library, name, request.user)
        say(request, f"Renamed the working library to {name}.")
    return redirect(_came_from(request) or publishing_page.address(prop))


def _rename(library: Library, name: str, actor: Any) -> None:
    before = {"name": library.name}
    Library.objects.filter(pk=locked(library).pk).update(name=name)
    library.name = name
    record(library.prop, "library.renamed", library, actor, before=before, after={"name": name})


def _answer(request: HttpRequest, prop: Property, library: Library | None, **found: Any) -> HttpResponse:
    """Show the bar with what came of a build; a browser without scripts goes back to its page."""
    made: Build | None = found.get("made")
    has_failed = made is not None and made.status == Build.Status.FAILED
    if made is not None and made.status == Build.Status.SUCCEEDED:
        say(request, f"Built. {made.environment} runs it.{_left_out(prop)}")
    if request.method == "GET" or "HX-Request" in request.headers:
        context = {
            "library_bar": library_bar(request, prop),
            "bar_library": library,
            "bar_build": made,
            "bar_needs": found.get("needs", ()),
            "bar_problems": publishing_page.problems(made) if made and has_failed else [],
        }
        return render(request, "publishing/bar_answer.html", context)
    if found.get("needs"):
        warn(request, f"Not built: {library} lacks {len(found['needs'])} resources.")
        return redirect(publishing_page.address(prop))
    if has_failed and made:
        return redirect("rules:build_detail", prop.uid, made.uid)
    return redirect(_came_from(request) or publishing_page.address(prop))


def _left_out(prop: Property) -> str:
    count = count_changed(prop)
    return f" {count} change{'' if count == 1 else 's'} not in the library." if count else ""


def _came_from(request: HttpRequest) -> str:
    """Return the path of the page that sent the form, or "" if it is not ours."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return ""
    return urlsplit(came_from)._replace(scheme="", netloc="").geturl()
