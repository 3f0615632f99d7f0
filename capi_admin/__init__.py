"""Wires the product together: settings, routes and processes."""

from .celery import app as celery_app

__all__ = ["celery_app"]
