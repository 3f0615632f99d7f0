"""Reading pages in tests."""

from __future__ import annotations

import re
from html import unescape

from django.http import HttpResponse


def page_text(answer: HttpResponse) -> str:
    """The HTML of an answer; any white space is one space, as browsers show it."""
    return " ".join(answer.content.decode().split())


def page_words(answer: HttpResponse) -> str:
    """The words of a page as a person reads them, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]{0,2000}>", " ", answer.content.decode())).split())
