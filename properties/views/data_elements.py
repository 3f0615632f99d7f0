"""The list of data elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import DataElementType
from properties.catalog.element_usage import code_keys
from properties.catalog.registry import find_type
from properties.models import DataElement, Property
from properties.resources.readers import readers_of
from properties.resources.usual_elements import create_usual, missing_usual
from properties.saving import Further, delete_resource
from properties.secrets.uses import Usage

from .access import property_page
from .element_batches import users_of
from .navigation import next_page
from .notices import say, say_saved, warn
from .restore import undo_address
from .typing import one_at_a_time

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class DataElementRow:
    """A data element in the list and in the picker."""

    element: DataElement
    name: str
    type_title: str
    path: str
    is_known: bool

    @property
    def short_path(self) -> str:
        """The path without the part that all paths into the event share."""
        return self.path.removeprefix("arc.event.")

    @property
    def has_code(self) -> bool:
        """Whether its form holds code, which needs a page."""
        return bool(code_keys(find_type(self.element.delegate)))

    @property
    def words(self) -> str:
        """What a search compares."""
        return f"{self.name} {self.path}".lower()


@dataclass(frozen=True, slots=True)
class ElementLine:
    """A data element in the list, with what only the newest events and the rules can tell.

    Args:
        fact: What it gave: ``value``, ``filled`` of ``seen`` and more. None before this is known, for a
            disabled one, and if its package is missing.
        plain: The unmasked value; empty unless the person asked for it.
        users: Kind, name and uid of each resource that uses it.
        state: Where it is live. None before this is known.
        links: The first users, with the addresses of their pages.
    """

    row: DataElementRow
    fact: Any = None
    plain: str = ""
    users: Sequence[tuple[str, str, str]] = ()
    state: Any = None
    links: Sequence[Usage] = ()

    @property
    def more_users(self) -> int:
        """How many users have no link here."""
        return len(self.users) - len(self.links)

    @property
    def shown(self) -> str:
        """The value, or why there is none."""
        return self.plain or (self.fact.error or self.fact.value if self.fact else "")

    def fits(self, words: Sequence[str]) -> bool:
        """Return whether name, path and value together have all words. Values are searched as shown."""
        text = f"{self.row.name} {self.row.path} {self.shown}".lower()
        return all(word in text for word in words)


@property_page("view")
def data_elements(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the list. Values, counts and filters come with a second request, which replaces the rows."""
    query = request.GET.get("q", "").strip()
    rows = [row_of(element) for element in named_like(prop, query)[:MOST_ROWS]]
    usual = missing_usual(prop) if "develop" in request.rights else []  # type: ignore[attr-defined]
    context = {"rows": rows, "lines": [ElementLine(row) for row in rows], "query": query, "usual": usual}
    return render(request, "properties/data_elements.html", context)


@require_POST
@property_page("develop")
def data_elements_usual(request: HttpRequest, prop: Property) -> HttpResponse:
    """Create the chosen data elements, and link to a new rule."""
    with one_at_a_time(prop):
        names = create_usual(prop, request.POST.getlist("name"), request.user)
    if names:
        label, url = next_page("rules:rule_new", prop, "Make a rule")
        count = f"{len(names)} data element{'' if len(names) == 1 else 's'}"
        say_saved(request, f"Created {count}: {', '.join(names)}.", Further("", label, url))
    else:
        warn(request, "Nothing was created: no data element was chosen, or all exist already.")
    return redirect("properties:data_elements", prop.uid)


def named_like(prop: Property, query: str) -> QuerySet[DataElement]:
    """Return data elements whose names contain ``query``, in alphabetical order."""
    return prop.dataelements.filter(name__icontains=query).order_by(Lower("name"))


def row_of(element: DataElement) -> DataElementRow:
    """Return a data element with the words of its type."""
    kind = find_type(element.delegate)
    sample = (
        kind.sample_path(element.settings) if isinstance(kind, DataElementType) and kind.sample_path else ""
    )
    path = sample or (kind.summary(element.settings) if kind and kind.summary else "")
    return DataElementRow(
        element, element.name, kind.title if kind else "Not available", path, kind is not None
    )


@require_POST
@property_page("develop")
def data_element_delete(request: HttpRequest, prop: Property, element_uid: str) -> HttpResponse:
    element = get_object_or_404(prop.dataelements, uid=element_uid)
    readers, undo = readers_of(prop, element.name), undo_address(element)
    delete_resource(element, actor=request.user)
    still = f" {users_of([reader.name for reader in readers])}" if readers else ""
    say(request, f"Deleted {element.name}.{still}", undo=undo)
    return redirect("properties:data_elements", prop.uid)
