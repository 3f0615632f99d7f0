"""One line at the top of the next page that says what was done, with a way back where there is one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest


def say(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Tell what was done.

    Args:
        request: Of the page that did it.
        text: A sentence, without secrets and customer data: it travels in a cookie.
        undo: Address that takes it back when it is posted to; the page shows it as a button.
    """
    messages.success(request, text, extra_tags=undo)


def warn(request: HttpRequest, text: str) -> None:
    """Tell that something was not done, and why."""
    messages.warning(request, text)
