"""Notices at the top of the next page, with an undo button or a link where there is one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from properties.saving import Further

LINK = "link "  # Before the address and the label of a link, in the tags of a message.


def say(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Say what was done.

    Args:
        request: The request that did it.
        text: A sentence without secrets and customer data: it is stored in a cookie.
        undo: Address that undoes it when it is posted to. The page shows it as a button.
    """
    messages.success(request, text, extra_tags=undo)


def warn(request: HttpRequest, text: str, *, link: tuple[str, str] = ("", "")) -> None:
    """Say that something was not done, and why. ``link`` is the label and address of a link that helps."""
    label, url = link
    messages.warning(request, text, extra_tags=f"{LINK}{url} {label}" if url else "")


def say_saved(request: HttpRequest, text: str, further: Further | None) -> None:
    """Say that something was saved, and what else happened, such as a build."""
    if further is None:
        say(request, text)
    elif further.url:
        kind = messages.WARNING if further.is_trouble else messages.SUCCESS
        tags = f"{LINK}{further.url} {further.label}"
        messages.add_message(request, kind, text + further.text, extra_tags=tags)
    else:
        say(request, text + further.text)
