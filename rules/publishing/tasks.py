"""The Celery task of publishing. Without a broker, ``manage.py deliver --forever`` does this work."""

from __future__ import annotations

from celery import shared_task

from .pending import take_up


@shared_task
def take_up_builds() -> None:
    """Make the pending builds whose process died."""
    take_up()
