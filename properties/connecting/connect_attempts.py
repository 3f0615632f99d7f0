"""Sign-ins at a vendor, from the button to the choice. Each belongs to one person in one browser.

The state that the vendor sends back counts once, for that person, in that browser, for a few minutes.

Source: RFC 6749 10.12 (state), RFC 9700 2.1 and 4.7.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from properties.catalog.vendor_sign_in import Connect, ConnectFailed, Grant, VendorAccount
from properties.models import ConnectAttempt, Property

from .connect_runs import Hidden, connect_of, context_of, run

LONGEST_PARAMETER = 4_000


def begin(
    request: HttpRequest,
    package_name: str,
    *,
    back: str,
    owner_name: str,
    prop: Property | None = None,
    target: str = "",
    environments: list[str] | None = None,
) -> str:
    """Start a sign-in; return the address of the vendor's dialog.

    Earlier sign-ins of this person for the same thing end: only the newest counts.
    """
    connect = _connect(package_name)
    user: Any = request.user
    state = secrets.token_urlsafe(32)
    ConnectAttempt.objects.filter(user=user, package_name=package_name, prop=prop, target=target).delete()
    ConnectAttempt.objects.create(
        state_hash=_hash(state),
        session_hash=_session(request),
        user=user,
        prop=prop,
        package_name=package_name,
        target=target,
        owner_name=owner_name[:255],
        back=back,
        environments=environments or [],
    )
    return connect.dialog(
        context_of(
            connect,
            Hidden(),
            owner_id=prop.uid if prop else target,
            owner_name=owner_name,
            domain=_domain(prop),
            state=state,
        )
    )


def come_back(request: HttpRequest, slug: str) -> ConnectAttempt | None:
    """Finish the sign-in whose state came back, and keep what it gave or why it failed.

    Returns:
        The attempt; None if this person did not start it in this browser, if it was used, or is too old.
    """
    attempt = _claim(request, slug)
    if attempt is None:
        return None
    returned = {name: str(value)[:LONGEST_PARAMETER] for name, value in request.GET.items()}
    try:
        attempt.set_grant(asdict(_finish(attempt, returned)))
    except ConnectFailed as failed:
        attempt.trouble = in_words(failed)
    attempt.save(update_fields=["granted", "trouble"])
    return attempt


def _claim(request: HttpRequest, slug: str) -> ConnectAttempt | None:
    """Take the attempt of a state, once: of two requests at the same time, one gets it."""
    user: Any = request.user
    now = timezone.now()
    fitting = ConnectAttempt.objects.filter(
        state_hash=_hash(request.GET.get("state", "")),
        session_hash=_session(request),
        user_id=user.pk,
        came_back_at=None,
        created_at__gt=now - ConnectAttempt.RETURN_WITHIN,
    )
    attempt = fitting.select_related("prop").first()
    connect = connect_of(attempt.package_name) if attempt else None
    if attempt is None or connect is None or connect.slug != slug:
        return None
    if not fitting.update(came_back_at=now):
        return None
    attempt.came_back_at = now
    return attempt


def _finish(attempt: ConnectAttempt, returned: dict[str, str]) -> Grant:
    connect, hidden = _connect(attempt.package_name), Hidden()
    return run(connect.finish(returned, context_for(attempt, hidden)), hidden)


def context_for(attempt: ConnectAttempt, hidden: Hidden) -> Any:
    """Return what the package may know about an attempt."""
    return context_of(
        _connect(attempt.package_name),
        hidden,
        owner_id=attempt.prop.uid if attempt.prop else attempt.target,
        owner_name=attempt.owner_name,
        domain=_domain(attempt.prop),
    )


def attempt_of(request: HttpRequest, key: str) -> ConnectAttempt | None:
    """Return an attempt of this person in this browser that came back and is not too old, or None."""
    user: Any = request.user
    recent = timezone.now() - ConnectAttempt.CHOOSE_WITHIN
    return (
        ConnectAttempt.objects.filter(key=key, user_id=user.pk, session_hash=_session(request))
        .filter(came_back_at__gt=recent)
        .select_related("prop")
        .first()
    )


def unfinished(request: HttpRequest, package_name: str, *, prop: Property | None, target: str = "") -> Any:
    """Return when this person left for the vendor without coming back, or None."""
    user: Any = request.user
    return (
        ConnectAttempt.objects.filter(user_id=user.pk, package_name=package_name, prop=prop, target=target)
        .filter(came_back_at=None, created_at__gt=timezone.now() - ConnectAttempt.KEPT)
        .values_list("created_at", flat=True)
        .first()
    )


def make_account(attempt: ConnectAttempt, place_id: str, name: str) -> VendorAccount:
    """Make a new receiver at the vendor with the token of an attempt. Raises ConnectFailed."""
    connect, hidden, grant = _connect(attempt.package_name), Hidden(), attempt.read_grant()
    if connect.make is None or place_id not in {it["id"] for it in grant.get("places", ())}:
        raise ConnectFailed("Not possible", f"Choose where the {connect.noun} is made.")
    token = hidden(grant["token"])
    made = run(connect.make(place_id, name, token, grant["kept"], context_for(attempt, hidden)), hidden)
    attempt.set_grant({**grant, "accounts": [*grant["accounts"], asdict(made)]})
    attempt.save(update_fields=["granted"])
    return made


def in_words(failed: ConnectFailed) -> dict[str, str]:
    """Return a failure as the pages show it."""
    return {key: getattr(failed, key) for key in ("title", "message", "advice", "said", "code")}


def forget_attempts() -> None:
    """Delete attempts that are over, with what they gave."""
    old = timezone.now() - ConnectAttempt.KEPT
    ConnectAttempt.objects.filter(created_at__lte=old).delete()


def _connect(package_name: str) -> Connect:
    connect = connect_of(package_name)
    if connect is None:
        raise LookupError(package_name)
    return connect


def _domain(prop: Property | None) -> str:
    return str(prop.domains[0]) if prop and prop.domains else ""


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _session(request: HttpRequest) -> str:
    """Return a hash of the browser's session, whose key itself is stored nowhere else."""
    return salted_hmac("connecting", request.session.session_key or "", algorithm="sha256").hexdigest()
