"""Connecting at the vendor from Quick Start: the sign-in answers two of the questions."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import QuickStart
from properties.catalog.vendor_sign_in import Connect
from properties.connecting.connect_attempts import begin
from properties.connecting.connect_runs import connect_of
from properties.models import ConnectAttempt
from properties.views.access import signed_in_page
from properties.views.notices import say
from properties.views.vendor_connect import account_chosen, leave, offered
from rules.models import QuickStartRun

from .forms import AnswersForm
from .runs import ADDING, run_of
from .screens import address, recipe_of


def connect_for(package: str) -> Connect | None:
    """Return how a package connects, if the sign-in answers questions of its quick start."""
    recipe, connect = recipe_of(package), connect_of(package)
    keys = {field.key for field in recipe.fields} if recipe else set()
    return connect if connect and {connect.account, connect.token} <= keys else None


@require_POST
@signed_in_page
@ADDING
def quick_start_connect(request: HttpRequest, run_uid: str) -> HttpResponse:
    """Keep what is typed, and go to the vendor's dialog."""
    run = run_of(request, run_uid)
    if run.is_made or connect_for(run.package) is None:
        raise Http404
    offered(run.package)
    answers = AnswersForm(run.package, run.read_credentials(), request.POST).answers()
    _keep(run, {**run.answers, **{key: value for key, value in answers.items() if value}})
    back = address(run, "setup")
    return leave(request, begin(request, run.package, back=back, owner_name=run.domain, target=run.uid))


def _keep(run: QuickStartRun, answers: dict[str, str]) -> None:
    recipe: QuickStart | None = recipe_of(run.package)
    hidden = {field.key for field in recipe.fields if field.type == "secret"} if recipe else set()
    run.set_credentials({key: value for key, value in answers.items() if key in hidden and value})
    run.answers = {key: value for key, value in answers.items() if key not in hidden}
    run.trouble, run.reached = "", 2
    run.save()


@receiver(account_chosen, dispatch_uid="rules.quick_start.connect_views")
def take_account(
    sender: type[ConnectAttempt], *, request: HttpRequest, attempt: ConnectAttempt, account: str, **_: Any
) -> None:
    """Answer the questions of the run that an attempt is for, if it still asks them."""
    run = QuickStartRun.objects.filter(uid=attempt.target, user_id=attempt.user.pk).first()
    connect = connect_for(run.package) if run else None
    if run is None or connect is None or run.is_made or run.package != attempt.package_name:
        return
    token = attempt.read_grant()["token"]
    _keep(run, {**run.answers, **run.read_credentials(), connect.account: account, connect.token: token})
    say(request, f"Connected. {connect.noun.capitalize()} and token are filled in: go on with Next.")
