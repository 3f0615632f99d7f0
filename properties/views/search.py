"""Search over pages, things, events and acts: the palette of each page, and a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from properties.models import Property, Revision

from .access import came_from, signed_in_page

SECTIONS = ("Recent", "Go to", "Things", "Events", "Do")
MOST_IN_A_SECTION = 5
MOST = 15
LONGEST_QUERY = 200
# Revisions that are looked at for the things that a person changed last.
NEWEST_REVISIONS = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What a person looks for, and where.

    Args:
        text: As it was typed, without space at its ends. Empty before anything is typed.
        prop: The property of the page that asks, if it has one: only its things are searched.
        visible: The properties that the person may see.
        rights: The person's rights in ``prop``.
        recent: Uids of the resources that the person changed last, newest first, if nothing is typed.
    """

    request: HttpRequest
    text: str
    prop: Property | None
    visible: QuerySet[Property]
    rights: frozenset[str]
    recent: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        return self.text.lower().split()

    @property
    def places(self) -> QuerySet[Property] | list[Property]:
        """The properties to search."""
        return [self.prop] if self.prop else self.visible

    def fits(self, *texts: str) -> bool:
        """Return whether each word is in one of the texts. Everything fits an empty question."""
        found = " ".join(texts).lower()
        return all(word in found for word in self.words)


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of the answer.

    Args:
        kind: What it is, in grey at the right.
        url: The address that it opens.
        act: The name of a button of the page, which is pressed instead.
        order: Its place among hits that fit equally well, if that matters.
    """

    section: str
    label: str
    kind: str
    icon: str
    url: str
    act: str = ""
    order: int = 0


# Sent with ``question``. Receivers return a list of ``Hit``, at most a few in each section, best first.
hits_asked_for = Signal()


@signed_in_page
def search(request: HttpRequest) -> HttpResponse:
    """Answer ``q``, which is posted: it may hold customer data. ``?in=`` is the property of the page."""
    question = _question(request)
    context = {"sections": list(_sections(_hits(question), question)), "question": question}
    part = "HX-Request" in request.headers
    return render(request, "capi/palette_list.html" if part else "properties/search.html", context)


def _question(request: HttpRequest) -> Question:
    typed = request.POST.get("q", request.GET.get("q", ""))
    text = " ".join(typed.replace("\0", "").split())[:LONGEST_QUERY]
    visible = Property.objects.visible_to(request.user)
    prop = came_from(request)
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    return Question(request, text, prop, visible, rights, () if text else _recent(request, prop, visible))


def _recent(request: HttpRequest, prop: Property | None, visible: QuerySet[Property]) -> tuple[str, ...]:
    user: Any = request.user
    mine = Revision.objects.filter(prop__in=[prop] if prop else visible, created_by=user)
    return tuple(
        dict.fromkeys(mine.order_by("-id").values_list("resource_uid", flat=True)[:NEWEST_REVISIONS])
    )


def _hits(question: Question) -> list[Hit]:
    answers: Any = hits_asked_for.send(Property, question=question)
    return [hit for _, hits in answers for hit in hits or ()]


def _sections(hits: Sequence[Hit], question: Question) -> Iterator[tuple[str, list[Hit]]]:
    """Yield each section that has hits, with the best of them, until there are enough."""
    room = MOST
    for name in SECTIONS:
        best = best_first((hit for hit in hits if hit.section == name), question.text)[:MOST_IN_A_SECTION]
        if shown := best[:room]:
            yield name, shown
            room -= len(shown)


def best_first(hits: Iterable[Hit], text: str) -> list[Hit]:
    """Put hits first whose label begins with the text, then those with a word that does."""
    return sorted(hits, key=lambda hit: (_distance(hit.label.lower(), text.lower()), hit.order))


def _distance(label: str, text: str) -> int:
    if label.startswith(text):
        return 0
    return 1 if f" {text}" in label else 2


def named(rows: QuerySet[Any], question: Question, *fields: str) -> QuerySet[Any]:
    """Return the few rows of the searched properties in whose fields all words are, best first.

    Args:
        fields: The first is the name.
    """
    for word in question.words:
        rows = rows.filter(Q(*((f"{name}__icontains", word) for name in fields), _connector=Q.OR))
    begins = When(**{f"{fields[0]}__istartswith": question.text}, then=Value(0))
    nearness = Case(begins, default=Value(1), output_field=IntegerField())
    found = rows.filter(prop__in=question.places).select_related("prop")
    return found.order_by(nearness, Lower(fields[0]))[:MOST_IN_A_SECTION]


def recent_of(rows: QuerySet[Any], question: Question) -> Iterator[tuple[int, Any]]:
    """Yield those of the rows that the person changed last, each with its place among them."""
    if question.recent:
        for row in rows.filter(prop__in=question.places, uid__in=question.recent).select_related("prop"):
            yield question.recent.index(row.uid), row


def kind_of(noun: str, prop: Property, question: Question) -> str:
    """Return what a hit is; with its property, if several are searched."""
    return noun if question.prop else f"{noun} · {prop.name}"
