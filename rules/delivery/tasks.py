"""What Celery runs. The same functions serve the worker without a broker."""

from __future__ import annotations

from celery import shared_task

from properties.secrets import refreshing

from . import retention, work

# Shorter than the soft limit of a task, so that what was sent is still written.
CLAIM_SECONDS = 5.0


@shared_task
def deliver_due() -> None:
    """Deliver until nothing is due, or for a few seconds; whoever rings next goes on."""
    work.work_off(CLAIM_SECONDS)


@shared_task
def forget() -> None:
    """Remove what has been kept long enough."""
    retention.forget()


@shared_task
def refresh_secrets() -> None:
    """Exchange the secrets whose time has come."""
    refreshing.exchange_due()
