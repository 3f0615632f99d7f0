"""Secrets: list, new, change, test, retry, delete. No page shows a value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from properties.catalog.shown_times import in_text
from properties.models import Property, Secret
from properties.models.secret import SHORTEST_SHOWN
from properties.saving import record
from properties.secrets.exchange import Exchanged, ExchangeFailed
from properties.secrets.kinds import KINDS
from properties.secrets.refreshing import exchange_now, try_exchange
from properties.secrets.uses import uses_of

from .access import property_page
from .notices import say, warn
from .secret_forms import CredentialsForm, EnvironmentForm, NamesForm
from .type_choices import TypeChoice, TypeGroup, choosing
from .typing import Typing

LEVELS = {"pending": "warn", "succeeded": "ok", "failed": "bad"}


@property_page("view")
def secrets(request: HttpRequest, prop: Property) -> HttpResponse:
    found = prop.secrets.select_related("environment")
    return render(request, "properties/secrets.html", {"rows": [_row(secret) for secret in found]})


def _row(secret: Secret) -> dict[str, Any]:
    has_ended = bool(secret.value) and not secret.is_usable(timezone.now())
    return {
        "secret": secret,
        "kind": KINDS[secret.type_of],
        "level": "bad" if has_ended else LEVELS[secret.status],
        "status": "Expired" if has_ended else secret.get_status_display(),
        "is_refresh_failing": secret.refresh_status == Secret.Status.FAILED,
    }


@property_page("manage_environments")
def secret_new(request: HttpRequest, prop: Property) -> HttpResponse:
    kind = KINDS.get(request.GET.get("type", ""))
    if kind is None:
        rows = [
            TypeChoice(it.title, it.description, f"?type={it.type_of}", it.type_of) for it in KINDS.values()
        ]
        groups = [TypeGroup("What kind of credential is it?", rows)]
        return render(request, "properties/secret_types.html", choosing(request, groups))
    typing, made = Typing(request, "secret-form"), list[Secret]()
    with typing.alone(prop):
        names, form = NamesForm(prop, typing.data), CredentialsForm(kind, data=typing.data)
        typing.into(names, form)
        if typing.may_save():
            made = _create(request, prop, names, form)
            typing.done()
    if made:
        for secret in made:
            _exchange(request, secret)
        return redirect("properties:secrets", prop.uid)
    if typing.is_sent:
        return typing.refuse()
    return render(request, "properties/secret_new.html", {"names": names, "form": form, "kind": kind})


@transaction.atomic
def _create(request: HttpRequest, prop: Property, names: NamesForm, form: CredentialsForm) -> list[Secret]:
    made = []
    for environment, name in names.named():
        secret = Secret(prop=prop, environment=environment, name=name, type_of=form.kind.type_of)
        secret.set_credentials(form.credentials())
        secret.save()
        _note(request, secret, "created")
        made.append(secret)
    return made


@property_page("manage_environments")
def secret_edit(request: HttpRequest, prop: Property, secret_uid: str) -> HttpResponse:
    typing, is_changed = Typing(request, "secret-form"), False
    with typing.alone(prop):
        secret = _secret(prop, secret_uid)
        stored = secret.read_credentials() or _plain_token(secret)
        form = CredentialsForm(KINDS[secret.type_of], stored, typing.data)
        binding = EnvironmentForm(secret, typing.data) if secret.environment is None else None
        facts = [stored, secret.environment and secret.environment.uid]
        typing.into(*filter(None, (binding, form)), saved=secret, facts=facts)
        if typing.may_save():
            _change(request, secret, form, binding)
            typing.done()
            is_changed = True
    if is_changed:
        _exchange(request, secret)
        return redirect("properties:secret_edit", prop.uid, secret.uid)
    if typing.is_sent:
        return typing.refuse()
    context = {
        **_row(secret),
        "form": form,
        "binding": binding,
        "uses": uses_of(secret),
    }
    return render(request, "properties/secret_form.html", context)


def _secret(prop: Property, uid: str) -> Secret:
    return get_object_or_404(prop.secrets.select_related("environment", "prop"), uid=uid)


def _plain_token(secret: Secret) -> dict[str, str]:
    """Return the credentials of a token that was typed into the settings of an extension or a rule."""
    return {"token": secret.value} if secret.type_of == Secret.Type.TOKEN else {}


@transaction.atomic
def _change(
    request: HttpRequest, secret: Secret, form: CredentialsForm, binding: EnvironmentForm | None
) -> None:
    secret.environment = binding.chosen() if binding else secret.environment
    secret.set_credentials(form.credentials())
    secret.save()
    _note(request, secret, "updated")


def _note(request: HttpRequest, secret: Secret, verb: str) -> None:
    stage = secret.environment.stage if secret.environment else ""
    record(secret.prop, f"secret.{verb}", secret, request.user, type=secret.type_of, stage=stage)


def _exchange(request: HttpRequest, secret: Secret) -> None:
    if exchange_now(secret):
        say(request, f"Saved “{secret.name}”. It is ready to use.")
    else:
        warn(request, f"Saved “{secret.name}”, but it cannot be used. {secret.status_details}")


@require_POST
@property_page("manage_environments")
def secret_retry(request: HttpRequest, prop: Property, secret_uid: str) -> HttpResponse:
    secret = _exchanged_secret(prop, secret_uid)
    if exchange_now(secret):
        say(request, f"“{secret.name}” has a new token.")
    else:
        reason = secret.refresh_status_details or secret.status_details
        warn(request, f"“{secret.name}” has no new token. {reason}")
    return redirect("properties:secret_edit", prop.uid, secret.uid)


@require_POST
@property_page("manage_environments")
def secret_test(request: HttpRequest, prop: Property, secret_uid: str) -> HttpResponse:
    secret = _exchanged_secret(prop, secret_uid)
    try:
        say(request, f"It works: {_result(try_exchange(secret))} The token was not stored.")
    except ExchangeFailed as failed:
        warn(request, f"It does not work. {failed}")
    return redirect("properties:secret_edit", prop.uid, secret.uid)


def _exchanged_secret(prop: Property, uid: str) -> Secret:
    secret = _secret(prop, uid)
    if not KINDS[secret.type_of].is_exchanged:
        raise Http404
    return secret


def _result(exchanged: Exchanged) -> str:
    end = f", ending in {exchanged.value[-4:]}" if len(exchanged.value) >= SHORTEST_SHOWN else ""
    if exchanged.expires_at is None:
        return f"the server returned a token{end}."
    expires_at = datetime.fromtimestamp(exchanged.expires_at, UTC)
    return f"the server returned a token{end}, valid until {in_text(expires_at)}."


@require_POST
@property_page("manage_environments")
def secret_delete(request: HttpRequest, prop: Property, secret_uid: str) -> HttpResponse:
    secret = _secret(prop, secret_uid)
    if uses := uses_of(secret):
        names = ", ".join(f"{use.kind.lower()} “{use.name}”" for use in uses[:3])
        warn(request, f"“{secret.name}” was not deleted: it is used by {names}.")
        return redirect("properties:secret_edit", prop.uid, secret.uid)
    with transaction.atomic():
        _note(request, secret, "deleted")
        secret.delete()
    say(request, f"Deleted “{secret.name}”.")
    return redirect("properties:secrets", prop.uid)
