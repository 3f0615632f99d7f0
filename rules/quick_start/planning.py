"""What a quick start would create, what is there already, and what is there but different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from properties.catalog.descriptor import QuickStart
from properties.catalog.registry import packages, quick_starts
from properties.models import Property
from rules.documents.adding import LISTS, present_in
from rules.documents.reading import FORMAT
from rules.documents.shapes import DocumentProblem

State = Literal["new", "there", "other"]
STATES: tuple[State, ...] = ("new", "there", "other")
NOUNS = {"property": "property", "extensions": "extension", "data_elements": "data element", "rules": "rule"}


class NotPossible(Exception):
    """Nothing can be made from these answers; ``problems`` names each by the key of its question."""

    def __init__(self, *problems: DocumentProblem) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.message for problem in problems))


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for.

    Args:
        package: Name of the package whose quick start it is.
        domain: The site; the beginning of the names of both properties.
        answers: To the fields of the quick start, normalized.
        forwarding_name: Name of a property of event forwarding that exists, or "" for a new one.
    """

    package: str
    domain: str
    answers: Mapping[str, str]
    forwarding_name: str = ""

    @property
    def recipe(self) -> QuickStart:
        return quick_starts()[self.package]

    @property
    def tags_name(self) -> str:
        return f"{self.domain} tags"

    @property
    def new_forwarding_name(self) -> str:
        return f"{self.domain} event forwarding"

    @property
    def forwarding(self) -> str:
        return self.forwarding_name or self.new_forwarding_name


@dataclass(frozen=True, slots=True)
class Item:
    """One resource.

    Args:
        kind: ``property`` or a list of a document.
        name: In the document.
        state: ``new``; ``there``, as it would be made; ``other``, there but different.
    """

    kind: str
    name: str
    state: State

    @property
    def label(self) -> str:
        """Its name in words: an extension by what the catalog calls it."""
        package = packages().get(self.name) if self.kind == "extensions" else None
        return package.display_name if package else self.name

    def __str__(self) -> str:
        return f"{NOUNS[self.kind]} {self.name}"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two properties.

    Args:
        document: The property document that it would be made from.
        prop: The property, if it exists.
        items: The property itself and everything in it.
    """

    document: Mapping[str, Any]
    prop: Property | None
    items: tuple[Item, ...]

    @property
    def name(self) -> str:
        return str(self.document["property"]["name"])

    def having(self, state: State) -> list[Item]:
        return [item for item in self.items if item.state == state]

    @property
    def is_complete(self) -> bool:
        return not self.having("new")


@dataclass(frozen=True, slots=True)
class SetupPlan:
    """Both properties of an order. The one of event forwarding is made first: the other names it."""

    forwarding: Side
    tags: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.forwarding, self.tags

    def listed(self) -> dict[str, dict[str, list[tuple[str, str]]]]:
        """Return kind and name of every resource, by property and state, as a run keeps them."""
        sides = {"forwarding": self.forwarding, "tags": self.tags}
        return {
            name: {s: [(it.kind, it.name) for it in side.having(s)] for s in STATES}
            for name, side in sides.items()
        }

    def names(self, state: State) -> list[str]:
        return [str(item) for side in self.sides for item in side.having(state)]


def plan_of(order: Order) -> SetupPlan:
    """Compare an order with what exists.

    Raises:
        NotPossible: An answer has a problem, or a property of that name is of the other kind.
    """
    if problems := [*_problems(order)]:
        raise NotPossible(*problems)
    recipe, answers = order.recipe, order.answers
    forwarding = _document(order.forwarding, "edge", order.domain, recipe.forwarding(answers))
    tags = _document(order.tags_name, "web", order.domain, recipe.tags(answers, order.forwarding))
    return SetupPlan(_side(forwarding), _side(tags))


def _problems(order: Order) -> Iterator[DocumentProblem]:
    for field in order.recipe.fields:
        if field.required and not order.answers.get(field.key):
            yield DocumentProblem(field.key, f"Enter the {field.label}.")
    for problem in order.recipe.check(order.answers):
        yield DocumentProblem(problem.path, problem.message)
    chosen = Property.objects.filter(name=order.forwarding).first()
    if order.forwarding_name and chosen is None:
        message = f"There is no property of event forwarding “{order.forwarding_name}”."
        yield DocumentProblem("forwardingProperty", message)
    elif chosen is not None and chosen.is_tags:
        message = f"“{order.forwarding}” is a tags property. Choose one of event forwarding."
        yield DocumentProblem("forwardingProperty", message)
    if Property.objects.filter(name=order.tags_name).exclude(platform=Property.Platform.WEB).exists():
        message = f"“{order.tags_name}” exists and is no tags property. Rename it, or use another domain."
        yield DocumentProblem("domain", message)


def _document(name: str, platform: str, domain: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "property": {"name": name, "platform": platform, "domains": [domain]},
        **content,
    }


def _side(document: Mapping[str, Any]) -> Side:
    name = document["property"]["name"]
    prop = Property.objects.filter(name=name).first()
    items = [Item("property", name, "there" if prop else "new")]
    present = present_in(prop, document) if prop else None
    for kind, key in LISTS.items():
        for resource in document[kind]:
            place = (kind, resource[key])
            is_same, is_other = present and place in present.same, present and place in present.other
            items.append(Item(*place, "there" if is_same else "other" if is_other else "new"))
    return Side(document, prop, tuple(items))
