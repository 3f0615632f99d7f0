"""Reading pages in tests."""

from __future__ import annotations

from django.http import HttpResponse


def page_text(answer: HttpResponse) -> str:
    """The HTML of an answer; any white space is one space, as browsers show it."""
    return " ".join(answer.content.decode().split())
