"""What was created: the plan, then the work step by step, then the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.views.access import rights_in, signed_in_page
from properties.views.notices import warn
from rules.models import QuickStartRun

from .forms import NEEDED
from .planning import NotPossible, plan_of
from .runs import ADDING, run_of
from .screens import SIDES, address, counted, groups_of, shown
from .working import do_next, order_of, steps_of


@signed_in_page
@ADDING
def quick_start_created(request: HttpRequest, run_uid: str) -> HttpResponse:
    """Show what would be made, make it step by step, and list it."""
    run = run_of(request, run_uid)
    if run.is_made:
        return shown(request, run, run.package, "created", _work(run))
    if not run.is_set_up:
        return redirect(address(run, "setup"))
    try:
        plan = plan_of(order_of(run))
    except NotPossible as error:
        warn(request, str(error))
        asks_domain = any(it.path in ("domain", "forwardingProperty") for it in error.problems)
        return redirect(address(run, "domain" if asks_domain else "setup"))
    if refused := _refused(request, run, [side.prop for side in plan.sides]):
        warn(request, f"“{refused.name}” exists. Decide whether to add to it.")
        return redirect(address(run, "domain"))
    run.items = plan.listed()
    return shown(request, run, run.package, "created", _work(run))


@require_POST
@signed_in_page
@ADDING
def quick_start_work(request: HttpRequest, run_uid: str) -> HttpResponse:
    """Do one step of the work; the part of the page asks for the next."""
    run = run_of(request, run_uid)
    if not run.is_set_up:
        raise PermissionDenied("Answer the questions of Initial Setup first.")
    if refused := _refused(request, run, _touched(run)):
        raise PermissionDenied(f"“{refused.name}” exists. Ask the person who manages it.")
    do_next(run, request.user)
    if "HX-Request" not in request.headers:
        return redirect(address(run, "created"))
    context = {"run": run, "next_url": address(run, "code"), **_work(run, is_asked=True)}
    return render(request, "quick_start/work.html", context)


def _work(run: QuickStartRun, *, is_asked: bool = False) -> dict[str, Any]:
    """Return the context of the list.

    Args:
        is_asked: Whether the person has asked for the work, which is needed if something exists.
    """
    is_done = run.work == QuickStartRun.Work.DONE
    is_gone = run.is_made and run.tags is None
    may_go_on = not (run.trouble or is_done or is_gone)
    return {
        "works": steps_of(run),
        "is_done": is_done and not is_gone,
        "is_gone": is_gone,
        "is_running": may_go_on and (is_asked or run.is_made or not _has_others(run)),
        "new": groups_of(run, "new"),
        "there": groups_of(run, "there"),
        "other": groups_of(run, "other"),
        "count": counted(run),
        "count_there": counted(run, "there"),
    }


def _has_others(run: QuickStartRun) -> bool:
    return any(run.listed(side, state) for side, _ in SIDES for state in ("there", "other"))


def _refused(request: HttpRequest, run: QuickStartRun, props: Sequence[Property | None]) -> Property | None:
    """Return a property that exists and that the person did not agree to add to, or may not."""
    for prop in filter(None, props):
        is_agreed = run.is_made or run.adds or prop.name == run.forwarding_name
        if not is_agreed or not rights_in(prop, request.user) >= NEEDED:
            return prop
    return None


def _touched(run: QuickStartRun) -> list[Property | None]:
    """Return the properties that the next step would change."""
    if run.is_made:
        return [run.tags, run.forwarding]
    order = order_of(run)
    return list(Property.objects.filter(name__in=[order.tags_name, order.forwarding]))
