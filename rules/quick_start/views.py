"""What can be set up, and the questions: the domain, and those of the package.

The state of a run is a row, so that a person can leave and continue.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from properties.catalog import registry
from properties.catalog.outbound import InquiryResult
from properties.connecting.connect_runs import return_url
from properties.views.access import signed_in_page
from properties.views.notices import warn
from properties.views.typing import SeeOther, Typing
from rules.models import QuickStartRun

from .connect_views import connect_for
from .forms import AnswersForm, DomainForm
from .planning import Order
from .runs import ADDING, run_of, runs_of
from .screens import address, recipe_of, shown
from .trying import inquiry_of, try_answers


@signed_in_page
def quick_starts(request: HttpRequest) -> HttpResponse:
    """List what can be set up, and what this person has begun."""
    context = {
        "recipes": registry.quick_starts().items(),
        "runs": [(run, recipe_of(run.package)) for run in runs_of(request)],
        "may_add": request.user.has_perm("properties.add_property"),
    }
    return render(request, "quick_start/quick_starts.html", context)


# 1 Domain


@signed_in_page
@ADDING
def quick_start_new(request: HttpRequest, package_name: str) -> HttpResponse:
    if recipe_of(package_name) is None:
        raise Http404
    return _domain(request, package_name, None)


@signed_in_page
@ADDING
def quick_start_domain(request: HttpRequest, run_uid: str) -> HttpResponse:
    run = run_of(request, run_uid)
    if run.is_made:
        return shown(request, run, run.package, "domain", {})
    return _domain(request, run.package, run)


def _domain(request: HttpRequest, package: str, run: QuickStartRun | None) -> HttpResponse:
    person: Any = request.user
    typing = Typing(request, "domain-form")
    initial = {name: getattr(run, name) for name in ("domain", "forwarding_name", "adds")} if run else None
    form = DomainForm(request.user, package, typing.data, initial)
    typing.into(form)
    if typing.may_save():
        run = run or QuickStartRun(user=person, package=package)
        run.domain, run.adds = form.cleaned_data["domain"], bool(form.cleaned_data["adds"])
        run.forwarding_name, run.trouble = form.cleaned_data.get("forwarding_name", ""), ""
        run.save()
        run.reach("setup")
        typing.done()
        return redirect(address(run, "setup"))
    if typing.is_sent:
        return typing.refuse()
    return shown(request, run, package, "domain", {"form": form})


# 2 Initial Setup


@signed_in_page
@ADDING
def quick_start_setup(request: HttpRequest, run_uid: str) -> HttpResponse:
    """Ask for the answers. Refused ones stay in the run, so the page shows them with what is wrong."""
    run = run_of(request, run_uid)
    if run.is_made:
        return shown(request, run, run.package, "setup", {"answers": _answered(run)})
    if request.method == "POST":
        return _setup(request, run)
    given = {**run.answers} if run.answers else None
    form = AnswersForm(run.package, run.read_credentials(), given)
    if run.trouble and not run.is_set_up and form.is_valid():
        form.add_error(_credential(form), run.trouble)
    connect = connect_for(run.package)
    context = {
        "form": form,
        "inquiry": inquiry_of(run.package),
        "connect": connect,
        "missing": connect.missing(settings.INSTALLATION) if connect else (),
        "return_url": return_url(connect) if connect else "",
    }
    return shown(request, run, run.package, "setup", context)


def _setup(request: HttpRequest, run: QuickStartRun) -> HttpResponse:
    form = AnswersForm(run.package, run.read_credentials(), request.POST)
    is_valid, answers = form.is_valid(), form.answers()
    hidden = {field.key for field in form.recipe.fields if field.type == "secret"}
    run.set_credentials({key: value for key, value in answers.items() if key in hidden and value})
    run.answers = {key: value for key, value in answers.items() if key not in hidden}
    run.trouble = _refusal(request, run, answers, form) if is_valid else ""
    run.reached = 2  # Nothing is made from answers that were refused.
    run.save()
    if not is_valid or run.trouble:
        return SeeOther(request.path)
    run.reach("created")
    return redirect(address(run, "created"))


def _refusal(request: HttpRequest, run: QuickStartRun, answers: dict[str, str], form: AnswersForm) -> str:
    """Try the answers; return why the vendor refuses them."""
    result = try_answers(Order(run.package, run.domain, answers, run.forwarding_name), form.asked_of_vendor())
    if result is None or result.kind == "ok":
        return ""
    if result.kind == "problem":
        return _in_words(result)
    warn(request, f"{_in_words(result)} You can go on.")
    return ""


def _in_words(result: InquiryResult) -> str:
    said = f"The answer: {result.said}" if result.said else ""
    return " ".join(filter(None, (f"{result.title}. {result.message}", result.advice, said)))


def _credential(form: AnswersForm) -> str | None:
    return next((field.key for field in form.recipe.fields if field.type == "secret"), None)


def _answered(run: QuickStartRun) -> list[tuple[str, str]]:
    recipe = recipe_of(run.package)
    fields = recipe.fields if recipe else ()
    return [(field.label, run.answers.get(field.key, "Stored as a secret")) for field in fields]
