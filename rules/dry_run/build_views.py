"""Dry runs of a build: any build, or the saved resources, with a stored, pasted or built-in event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from properties.catalog.shown_times import in_rows
from properties.models import Property
from properties.views.access import property_page
from properties.views.parts import render_either
from rules.dry_run.builds import dry_run_build
from rules.dry_run.samples import LAST, STORED, NoSample, sample_choices, sample_event
from rules.engine import BuildProblem
from rules.event_log.rows import rows_of
from rules.explain.rule_stories import rule_uids
from rules.models import Build
from rules.publishing.build import candidate
from rules.publishing.compile import compile_document
from rules.publishing.content import live_part
from rules.publishing.libraries import open_library, revisions_for_build

from .draft_documents import DraftEnvironment, saved_content

SAVED = "saved"
LIBRARY = "library"
MOST_BUILDS = 30


class NoBuild(Exception):
    """The build does not exist or failed; the message says what to do."""


@property_page("view")
def build_dry_run(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the page, and the story if the address or the form names a source."""
    asked = request.POST if request.method == "POST" else request.GET
    source, build, pasted = asked.get("source", ""), asked.get("build", SAVED), asked.get("pasted", "")
    context: dict[str, Any] = {"source": source or LAST, "build": build, "pasted": pasted}
    if source:
        context |= _run(prop, source, build, pasted)
    context |= {"samples": list(_samples(prop, source)), "builds": list(_builds(prop, build))}
    context["rule_uids"] = rule_uids(prop)
    context["close_url"] = reverse("rules:event_log", args=[prop.uid])
    return render_either(request, "dry_run/build.html", context)


@property_page("view")
def moved(request: HttpRequest, prop: Property) -> HttpResponse:
    """Redirect bookmarks of the former address."""
    return redirect(reverse("rules:dry_run", args=[prop.uid], query=request.GET), permanent=True)


def _run(prop: Property, source: str, build: str, pasted: str) -> dict[str, Any]:
    try:
        sample = sample_event(prop, source, pasted=pasted)
        found = {"story": dry_run_build(prop, _document(prop, build), sample)}
        return found if sample.event is None else {**found, "earlier": rows_of(prop, [sample.event])[0]}
    except NoSample as error:
        return {"no_sample": str(error)}
    except NoBuild as error:
        return {"no_build": str(error)}
    except BuildProblem as error:
        return {"problems": error.problems}


def _document(prop: Property, build: str) -> dict[str, Any]:
    if build == SAVED:
        content = live_part(saved_content(prop))
        return compile_document(content, prop, DraftEnvironment(), build_id="draft", now=timezone.now())
    environment = prop.environments.first()
    if build == LIBRARY and environment is not None:
        return candidate(prop, environment, revisions_for_build(prop, open_library(prop)), "draft")
    found = _succeeded(prop).filter(uid=build).first()
    if found is None:
        raise NoBuild("This build does not exist, or it failed. Choose another one.")
    document: dict[str, Any] = json.loads(found.document)
    return document


def _succeeded(prop: Property) -> Any:
    return Build.objects.filter(prop=prop, status=Build.Status.SUCCEEDED)


def _samples(prop: Property, source: str) -> Iterator[tuple[str, str]]:
    """Return the choices of events, including an older event from the address."""
    choices = sample_choices(prop)
    yield from choices
    if source.startswith(STORED) and source not in dict(choices):
        yield source, f"Event {source.removeprefix(STORED)}"


def _builds(prop: Property, chosen: str) -> Iterator[tuple[str, str]]:
    yield SAVED, "Everything that is saved now"
    library = open_library(prop)
    if library is not None:
        yield LIBRARY, f"{library.name} as it is now"
    newest = list(_succeeded(prop).select_related("library", "environment").defer("document")[:MOST_BUILDS])
    yield from ((it.uid, _label(it)) for it in newest)
    if chosen not in (SAVED, LIBRARY, *(it.uid for it in newest)):
        yield from ((it.uid, _label(it)) for it in _succeeded(prop).filter(uid=chosen))


def _label(build: Build) -> str:
    library = build.library.name if build.library else "Build"
    return f"{library}, {in_rows(build.created_at)}, for {build.environment.name}"
