"""Types to choose from, in groups, with a search: pages that begin something new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """One row.

    Args:
        name: Of the row for tests and scripts: a delegate id, a preset or a type.
        category: A word beside the description; may be empty.
        in_drawer: Whether it opens beside the page.
    """

    title: str
    description: str
    url: str
    name: str
    category: str = ""
    in_drawer: bool = False


@dataclass(frozen=True, slots=True)
class TypeGroup:
    """Rows below one heading, such as the types of an extension."""

    title: str
    choices: list[TypeChoice] = field(default_factory=list)


def choosing(request: HttpRequest, groups: Iterable[TypeGroup]) -> dict[str, Any]:
    """Return the context of ``capi/type_choices.html``: the rows in which each word of ``?q=`` is."""
    query = request.GET.get("q", "").strip()
    kept = {name: value for name, value in request.GET.items() if name != "q"}
    found = [_matching(group, query.lower().split()) for group in groups]
    return {"groups": [group for group in found if group.choices], "q": query, "kept": kept}


def _matching(group: TypeGroup, words: list[str]) -> TypeGroup:
    rows = [it for it in group.choices if all(word in _text(group, it) for word in words)]
    return replace(group, choices=rows)


def _text(group: TypeGroup, choice: TypeChoice) -> str:
    return f"{group.title} {choice.title} {choice.category} {choice.description}".lower()
