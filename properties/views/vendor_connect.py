"""Connecting at a vendor: the button, the way back, and the choice of what was found there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from properties.catalog.registry import packages
from properties.catalog.vendor_sign_in import Connect, ConnectFailed
from properties.connecting.connect_attempts import attempt_of, begin, come_back, in_words, make_account
from properties.connecting.connect_runs import connect_of, connecting_packages
from properties.connecting.connection_status import read_now
from properties.connecting.storing import secrets_in_use, store
from properties.models import ConnectAttempt, Environment, Property
from properties.saving import record

from .access import property_page, rights_in, signed_in_page
from .notices import say, warn

LONGEST_NAME = 100
# Sent with ``request``, ``attempt`` and the id of the chosen ``account``, for an attempt without a property.
# The receiver of its target keeps both. The attempt is then deleted.
account_chosen = Signal()


@require_POST
@property_page("manage_extensions")
def connect_start(request: HttpRequest, prop: Property, package_name: str) -> HttpResponse:
    """Go to the vendor's dialog, with the environments that the token will be for."""
    connect = offered(package_name)
    package = packages()[package_name]
    if package.platform != prop.platform:
        raise Http404
    chosen = set(request.POST.getlist("environments"))
    environments = [it.uid for it in prop.environments.all() if it.uid in chosen]
    back = back_to(prop, package_name)
    if not environments:
        warn(request, f"Choose the environments that the token is for, then press “{connect.title}” again.")
        return leave(request, back)
    address = begin(
        request, package_name, back=back, owner_name=prop.name, prop=prop, environments=environments
    )
    record(prop, "extension.connecting", prop, request.user, package=package_name)
    return leave(request, address)


def offered(package_name: str) -> Connect:
    """Return how a package connects; 404 if it does not, or if settings are missing for it."""
    connect = connect_of(package_name)
    if connect is None or connect.missing(settings.INSTALLATION):
        raise Http404
    return connect


def back_to(prop: Property, package_name: str) -> str:
    """Return the address of the page with the configuration."""
    extension = prop.extensions.filter(package_name=package_name).first()
    if extension is None:
        return reverse("properties:extension_install", args=[prop.uid, package_name])
    return reverse("properties:extension_edit", args=[prop.uid, extension.uid])


def leave(request: HttpRequest, address: str) -> HttpResponse:
    """Go to an address, also of another site. Browsers refuse that as the answer to a form, so a link leads
    there without JavaScript.
    """
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(address)
    if address.startswith("/"):
        return redirect(address)
    return render(request, "properties/connect_leave.html", {"address": address})


# The way back


def connect_return(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take the vendor's answer, and leave its address, which holds a code, at once.

    Only a sign-in that this person began in this browser counts; nothing in the address says where to go.
    """
    if slug not in {connect.slug for name in connecting_packages() if (connect := connect_of(name))}:
        raise Http404
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("properties:connect_over"))
    attempt = come_back(request, slug)
    if attempt is None:
        return redirect("properties:connect_over")
    grant = attempt.read_grant()
    if not attempt.trouble and len(grant.get("accounts", ())) == 1 and _may_store(request, attempt):
        return _take(request, attempt, grant["accounts"][0]["id"])
    return redirect("properties:connect_choice", attempt.key)


@signed_in_page
def connect_over(request: HttpRequest) -> HttpResponse:
    """Say that an answer belongs to no sign-in, and what to do."""
    return render(request, "properties/connect_over.html")


@signed_in_page
def connect_choice(request: HttpRequest, key: str) -> HttpResponseBase:
    """Choose one of several receivers, or make one; or read why the sign-in gave nothing."""
    attempt = attempt_of(request, key)
    if attempt is None:
        return redirect("properties:connect_over")
    connect = connect_of(attempt.package_name)
    if connect is None:
        raise Http404
    if request.method == "POST":
        return _choose(request, attempt, connect)
    return _choice(request, attempt, connect)


def _choice(
    request: HttpRequest, attempt: ConnectAttempt, connect: Connect, problem: str = ""
) -> HttpResponse:
    if attempt.prop:
        request.prop, request.rights = attempt.prop, rights_in(attempt.prop, request.user)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "attempt": attempt,
        "connect": connect,
        "package": packages()[attempt.package_name],
        "grant": attempt.read_grant(),
        "problem": problem,
        "environments": ", ".join(it.name for it in _environments(attempt)),
        "prop": attempt.prop,
    }
    return render(request, "properties/connect_choice.html", context, status=400 if problem else 200)


def _choose(request: HttpRequest, attempt: ConnectAttempt, connect: Connect) -> HttpResponseBase:
    if not _may_store(request, attempt):
        raise PermissionDenied("This needs the right “Manage extensions” in this property.")
    grant = attempt.read_grant()
    if not grant:
        raise Http404
    if "place" in request.POST:
        return _make(request, attempt, connect)
    account = request.POST.get("account", "")
    if account not in {it["id"] for it in grant["accounts"]}:
        return _choice(request, attempt, connect, f"Choose a {connect.noun}.")
    return _take(request, attempt, account)


def _make(request: HttpRequest, attempt: ConnectAttempt, connect: Connect) -> HttpResponseBase:
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())[:LONGEST_NAME]
    if not name:
        return _choice(request, attempt, connect, f"Enter a name for the new {connect.noun}.")
    try:
        made = make_account(attempt, request.POST["place"], name)
    except ConnectFailed as failed:
        words = in_words(failed)
        said = f"The answer: {words['said']}" if words["said"] else ""
        text = " ".join(filter(None, (f"{failed.title}. {failed.message}", failed.advice, said)))
        return _choice(request, attempt, connect, text)
    return _take(request, attempt, made.id)


def _may_store(request: HttpRequest, attempt: ConnectAttempt) -> bool:
    """Return whether this person still may, and there is still a place for the token."""
    if attempt.prop is None:
        return True
    return "manage_extensions" in rights_in(attempt.prop, request.user) and bool(_environments(attempt))


def _environments(attempt: ConnectAttempt) -> list[Environment]:
    rows = attempt.prop.environments.filter(uid__in=attempt.environments) if attempt.prop else ()
    return list(rows)


def _take(request: HttpRequest, attempt: ConnectAttempt, account_id: str) -> HttpResponseBase:
    """Store the token and the chosen receiver."""
    if attempt.prop is None:
        account_chosen.send(ConnectAttempt, request=request, attempt=attempt, account=account_id)
        attempt.delete()
        return redirect(attempt.back)
    environments = _environments(attempt)
    extension = store(
        attempt.prop,
        attempt.package_name,
        account_id=account_id,
        grant=attempt.read_grant(),
        environments=environments,
        actor=request.user,
    )
    attempt.delete()
    connect = connect_of(attempt.package_name)
    assert connect is not None  # noqa: S101 - the attempt came back to it
    read_now(extension, secrets_in_use(extension, connect))
    every = len(environments) == attempt.prop.environments.count()
    places = "every environment" if every else " and ".join(it.name for it in environments)
    say(request, f"Connected. {extension.display_name} now has {connect.noun} and token, for {places}.")
    return redirect("properties:extension_edit", attempt.prop.uid, extension.uid)
