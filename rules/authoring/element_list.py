"""The rows of the list of data elements, with what the newest events gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models.functions import Lower

from properties.models import Property
from properties.views.data_elements import ElementLine, row_of
from rules.dry_run.element_facts import ElementFacts
from rules.publishing.live_states import PublishingStates

from .where_used import usage_of, users_by_name

PAGE = 100
# Beyond so many, the page of the data element lists what uses it.
MOST_LINKS = 8


# Value in the address → label, and which lines it keeps.
CHIPS: dict[str, tuple[str, Callable[[ElementLine], bool]]] = {
    "": ("All", lambda line: True),
    "unused": ("Unused", lambda line: not line.users),
    "empty": ("Empty often", lambda line: bool(line.fact and line.fact.is_often_empty)),
    "changed": ("Changed", lambda line: line.state.is_changed),
}


@dataclass(frozen=True, slots=True)
class ElementChip:
    """One filter above the list, with how many lines it would keep."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ElementList:
    """One page of the list.

    Args:
        page: Number of this page, from 1.
        found: Lines on all pages.
    """

    lines: Sequence[ElementLine]
    chips: Sequence[ElementChip]
    page: int
    found: int

    @property
    def more(self) -> int:
        """The number of the next page, or 0."""
        return self.page + 1 if self.found > self.page * PAGE else 0


def element_list(
    prop: Property,
    facts: ElementFacts,
    plain: Mapping[str, str],
    *,
    query: str = "",
    show: str = "",
    page: int = 1,
) -> ElementList:
    """Return the lines that fit.

    Args:
        plain: Unmasked values by name.
        query: Words that name, path or value must have.
        show: A key of ``CHIPS``.
    """
    words = query.lower().split()
    found = [line for line in _lines(prop, facts, plain) if line.fits(words)]
    chips = [
        ElementChip(value, label, sum(map(keeps, found)), value == show)
        for value, (label, keeps) in CHIPS.items()
    ]
    kept = [line for line in found if CHIPS[show][1](line)]
    shown = [_with_links(prop, line) for line in kept[(page - 1) * PAGE : page * PAGE]]
    return ElementList(shown, chips, page, len(kept))


def _with_links(prop: Property, line: ElementLine) -> ElementLine:
    return replace(line, links=[usage_of(prop, user) for user in line.users[:MOST_LINKS]])


def _lines(prop: Property, facts: ElementFacts, plain: Mapping[str, str]) -> list[ElementLine]:
    states, used = PublishingStates(prop), users_by_name(prop)
    return [
        ElementLine(
            row_of(element),
            facts.by_name.get(element.name),
            plain.get(element.name, ""),
            used.get(element.name, ()),
            states.of(element),
        )
        for element in prop.dataelements.order_by(Lower("name"))
    ]
