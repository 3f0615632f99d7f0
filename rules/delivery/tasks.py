"""Celery tasks. The worker without a broker calls the same functions."""

from __future__ import annotations

from celery import shared_task

from properties.connecting import connection_status
from properties.secrets import refreshing
from rules.match_quality import daily

from . import retention, work
from .log import filling

# Shorter than the soft limit of a task, so that outcomes are still written.
CLAIM_SECONDS = 5.0


@shared_task
def deliver_due() -> None:
    """Deliver until nothing is due, or for a few seconds; the next ring continues."""
    work.work_off(CLAIM_SECONDS)


@shared_task
def forget() -> None:
    """Remove rows that have been kept long enough."""
    retention.forget()


@shared_task
def refresh_secrets() -> None:
    """Renew the secrets that are due."""
    refreshing.exchange_due()


@shared_task
def read_connections() -> None:
    """Read the status of connections at vendors that were read a day ago."""
    connection_status.read_due()


@shared_task
def fill_log() -> None:
    """Write rows of the event log for events from before it had any."""
    filling.fill_log()


@shared_task
def read_match_quality() -> None:
    """Read today's match quality of environments that were not asked about yet."""
    daily.read_quality_due()
