"""Libraries, and the acts of publishing, for the search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from properties.models import Property
from properties.views.search import Hit, Question, hits_asked_for, kind_of, named
from rules.models import Library

from .libraries import open_library
from .library_bar import first_development
from .publishing_page import address

# The name of the button of the library bar.
BUILD = "build"


@receiver(hits_asked_for, dispatch_uid="rules.publishing.library_hits")
def library_hits(sender: type[Property], *, question: Question, **_: Any) -> list[Hit]:
    return list(_hits(question))


def _hits(question: Question) -> Iterator[Hit]:
    if question.text:
        for library in named(Library.objects.all(), question, "name"):
            kind = kind_of("Library", library.prop, question)
            yield Hit("Things", library.name, kind, "box", address(library.prop))
    if question.prop is None:
        return
    if "develop" in question.rights and question.fits("Build to Development") and open_library(question.prop):
        yield Hit("Do", "Build to Development", "", "bolt", address(question.prop), act=BUILD)
    environment = first_development(question.prop)
    if "develop" in question.rights and question.fits("Send a test event") and environment:
        url = reverse("rules:test_event", args=[question.prop.uid, environment.uid])
        yield Hit("Do", "Send a test event", "", "send", url)
    if question.text and question.fits("Compare with Production"):
        yield Hit("Do", "Compare with Production", "", "flow", address(question.prop))
