"""System checks of the installation, which validate the environment before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import OperationalError, ProgrammingError

from properties.catalog.registry import broken_packages
from properties.secrets.rotation import survey

OLDEST = 500


@checks.register
def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return one error for each variable with an invalid value."""
    return [
        checks.Error(problem.message, hint=problem.hint, id=problem.id)
        for problem in settings.SETTING_PROBLEMS
    ]


@checks.register(deploy=True)
def check_proxy(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Warn if PUBLIC_URL is https and no number of trusted ``X-Forwarded-For`` hops is set."""
    if not settings.PUBLIC_URL.startswith("https://") or settings.TRUSTED_PROXY_COUNT:
        return []
    warning = checks.Warning(
        "PUBLIC_URL is https, but TRUSTED_PROXY_COUNT is 0.",
        hint="Set TRUSTED_PROXY_COUNT to the number of your own proxies (usually 1). Until then, every"
        " visitor seems to have the address of the proxy.",
        id="capi_admin.W001",
    )
    return [warning]


@checks.register
def check_encryption_keys(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Warn if one key serves both purposes: a leak would then expose both."""
    if settings.SECRET_KEY not in settings.ENCRYPTION_KEYS:
        return []
    hint = "Set a new SECRET_KEY. Everybody must sign in again afterwards."
    return [checks.Warning("SECRET_KEY is one of ENCRYPTION_KEYS.", hint=hint, id="capi_admin.W002")]


@checks.register
def check_packages(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return one warning for each extension package of another distribution that cannot be used."""
    return [
        checks.Warning(broken.message, hint=broken.hint, id="capi_admin.W005") for broken in broken_packages()
    ]


@checks.register(checks.Tags.database)
def check_stored_secrets(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Check that the first key reads the oldest stored values. Only with ``--database default``."""
    if not databases:
        return []
    try:
        found = survey(most=OLDEST)
    except (OperationalError, ProgrammingError):
        return []  # ``migrate`` checks before it creates the tables.
    messages: list[checks.CheckMessage] = []
    if found.unreadable:
        text = f"At least {found.unreadable} stored values cannot be read with any of ENCRYPTION_KEYS."
        hint = "Put back the key that was removed. If it is lost: manage.py rotate_keys --forget-unreadable"
        messages.append(checks.Error(text, hint=hint, id="capi_admin.E014"))
    if found.retired:
        text = f"At least {found.retired} stored values are not encrypted with the first of ENCRYPTION_KEYS."
        hint = "Run manage.py rotate_keys before you remove the other keys."
        messages.append(checks.Warning(text, hint=hint, id="capi_admin.W003"))
    return messages


@checks.register(checks.Tags.database, deploy=True)
def check_origins(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Warn if production accepts events from every site. Only with ``--deploy --database default``."""
    from properties.models import Datastream, Environment  # Models are not loaded yet when this module is.

    if not databases:
        return []
    try:
        rows = Datastream.objects.filter(environment__stage=Environment.Stage.PRODUCTION)
        open_rows = [row for row in rows.select_related("environment__prop") if row.takes_every_site]
    except (OperationalError, ProgrammingError):
        return []
    names = ", ".join(str(row.environment.prop) for row in open_rows[:20])
    text = f"Every website can send events to the production environment of: {names}."
    hint = "Add your own sites as allowed origins under Environments, Access."
    return [checks.Warning(text, hint=hint, id="capi_admin.W004")] if open_rows else []


def refuse_bad_settings(databases: Sequence[str] | None = None) -> None:
    """Run the system checks, and end the process if one of them is an error.

    Commands of ``manage.py`` run the checks themselves; the ASGI application and the Celery worker call this.

    Args:
        databases: Databases to check too, for a process that must read stored values.

    Raises:
        SystemExit: At least one check is an error. The messages, with ids and hints, go to standard error.
    """
    found = checks.run_checks(databases=databases)
    serious = [message for message in found if message.is_serious() and not message.is_silenced()]
    if serious:
        listed = "\n".join(str(message) for message in serious)
        raise SystemExit(f"The settings stop the start:\n{listed}")
