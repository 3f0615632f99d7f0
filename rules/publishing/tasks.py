"""What Celery runs for publishing. Without a broker ``manage.py deliver --forever`` does the same."""

from __future__ import annotations

from celery import shared_task

from .pending import take_up


@shared_task
def take_up_builds() -> None:
    """Make the builds whose maker has died."""
    take_up()
