"""The Celery application. It carries only wake-ups; the state is in the database.

Start a worker with ``celery -A capi_admin worker`` and the schedule with ``celery -A capi_admin beat``.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capi_admin.settings")

app = Celery("capi_admin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["rules.delivery", "rules.publishing"])


@setup_logging.connect(weak=False)
def _keep_our_logging(**_: Any) -> None:
    """Keep Celery from configuring logging, so that no line bypasses the masking."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect(weak=False)
@beat_init.connect(weak=False)
def _refuse_bad_settings(**_: Any) -> None:
    from django.db import connections

    from .checks import refuse_bad_settings

    refuse_bad_settings(databases=["default"])
    # Forked processes must not share a connection, and the schedule never queries the database.
    connections.close_all()
