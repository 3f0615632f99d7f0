"""The list of data elements in every field that takes them, with their values in the newest event."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from properties.catalog.tokens import token
from properties.models import Property
from properties.views.access import property_page
from properties.views.data_elements import DataElementRow, named_like, row_of
from rules.dry_run.element_facts import ElementFact, element_facts

MOST = 500  # A longer list is searched on the server.
LONGEST = 60


@dataclass(frozen=True, slots=True)
class ElementChoice:
    """One data element in the list of a field."""

    row: DataElementRow
    fact: ElementFact

    @property
    def token(self) -> str:
        return token(self.row.name)

    @property
    def is_empty(self) -> bool:
        """Whether it had no value in the newest event, as far as this is known without running its code."""
        return bool(self.fact.seen) and (self.fact.is_missing or self.fact.is_older or not self.fact.filled)

    @property
    def now(self) -> str:
        """Its value in the newest event, masked; empty before the first event."""
        value = self.fact.value
        shown = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
        return "fails" if self.fact.error else "empty" if self.is_empty else shown


@property_page("view")
def element_picker(request: HttpRequest, prop: Property) -> HttpResponse:
    """Return the enabled data elements as options, all of them or the ones with these letters."""
    has_more = prop.dataelements.filter(enabled=True).count() > MOST
    query = request.GET.get("q", "").strip() if has_more else ""
    facts = element_facts(prop, with_code=False).by_name
    choices = [
        ElementChoice(row_of(element), facts.get(element.name, ElementFact()))
        for element in named_like(prop, query).filter(enabled=True)[:MOST]
    ]
    return render(request, "capi/picker_list.html", {"choices": choices, "has_more": has_more})
