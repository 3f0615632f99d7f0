"""The pages of help that packages bring along."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from properties.catalog.descriptor import HelpPage
from properties.catalog.registry import package_folder, packages

from .access import came_from, signed_in_page
from .help_text import html_of


def help_pages() -> Iterator[tuple[str, HelpPage]]:
    """Yield every page with its name in addresses, ``package/page``."""
    for package in packages().values():
        for page in package.help_pages:
            yield f"{package.name}/{page.name}", page


@signed_in_page
def help_page(request: HttpRequest, name: str) -> HttpResponse:
    came_from(request)
    page = dict(help_pages()).get(name)
    if page is None:
        raise Http404("There is no such page of help.")
    content = html_of(text_of(name), lambda target: _address(name, target))
    return render(request, "properties/help_page.html", {"page": page, "content": content})


def text_of(name: str) -> str:
    """Return the text of a page.

    Raises:
        Http404: Its file is gone.
    """
    package, _, page = name.partition("/")
    folder = package_folder(package)
    file = folder / "help" / f"{page}.md" if folder else None
    if file is None or not file.is_file():
        raise Http404("The text of this page of help is gone.")
    return file.read_text(encoding="utf-8")


def _address(name: str, target: str) -> str:
    """Return the page that a link to a file beside this one means."""
    package = name.partition("/")[0]
    return reverse("properties:help_page", args=[f"{package}/{target.removesuffix('.md')}"])
