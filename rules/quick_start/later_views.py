"""The embed code, the validation, what comes next, and deleting what was made."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from properties.resources.embedding import Embedding
from properties.views.access import rights_in, signed_in_page
from properties.views.notices import say, warn
from rules.models import QuickStartRun

from .forms import NEEDED
from .making import development_of
from .removing import created_whole, remove
from .runs import ADDING, made_by, page_of, run_of
from .screens import SIDES, address, counted, groups_of, shown


@signed_in_page
@ADDING
def quick_start_code(request: HttpRequest, run_uid: str) -> HttpResponse:
    run, tags = made_by(request, run_uid)
    run.reach("code")
    context = {
        "tags": tags,
        "embed_code": Embedding(development_of(tags)).code,
        "start_url": page_of("validation_start", tags),
        "then_url": address(run, "validation"),
    }
    return shown(request, run, run.package, "code", context)


@signed_in_page
@ADDING
def quick_start_validation(request: HttpRequest, run_uid: str) -> HttpResponse:
    run, tags = made_by(request, run_uid)
    run.reach("validation")
    context = {
        "tags": tags,
        "results_url": page_of("validation_results", tags),
        "has_own_heading": bool(page_of("validation_results", tags)),
        "start_url": page_of("validation_start", tags),
        "then_url": address(run, "validation"),
    }
    return shown(request, run, run.package, "validation", context)


@signed_in_page
@ADDING
def quick_start_next(request: HttpRequest, run_uid: str) -> HttpResponse:
    run, tags = made_by(request, run_uid)
    run.reach("next")
    return shown(request, run, run.package, "next", {"tags": tags, "forwarding": run.forwarding})


@require_POST
@signed_in_page
@ADDING
def quick_start_close(request: HttpRequest, run_uid: str) -> HttpResponse:
    """End a run. One that has made nothing is forgotten, with its credentials."""
    run = run_of(request, run_uid)
    if run.is_made:
        run.closed_at, run.trouble = timezone.now(), ""
        run.save(update_fields=["closed_at", "trouble", "updated_at"])
    else:
        run.delete()
        say(request, "Nothing was made. Your answers are deleted.")
    return redirect("/")


@signed_in_page
@ADDING
def quick_start_delete(request: HttpRequest, run_uid: str) -> HttpResponse:
    """Ask, then delete everything that a run has created."""
    run = run_of(request, run_uid)
    if request.method == "POST":
        return _delete(request, run)
    whole = [getattr(run, side) for side, _ in SIDES if created_whole(run, side)]
    context = {"whole": [it for it in whole if it], "groups": groups_of(run, "new"), "count": counted(run)}
    return render(request, "quick_start/delete.html", {"run": run, **context})


def _delete(request: HttpRequest, run: QuickStartRun) -> HttpResponse:
    for side, _ in SIDES:
        prop = getattr(run, side)
        needed = frozenset({"own"}) if created_whole(run, side) else NEEDED
        if prop is not None and not rights_in(prop, request.user) >= needed:
            raise PermissionDenied(
                f"You may not delete this in “{prop.name}”. Ask the person who manages it."
            )
    if request.POST.get("name", "").strip() != run.domain:
        warn(request, "Nothing was deleted: what you typed is not the domain.")
        return redirect(address(run, "delete"))
    remove(run, request.user)
    say(request, f"Deleted what Quick Start made for {run.domain}.")
    return redirect("quick_start:quick_starts")
