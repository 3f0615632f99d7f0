"""The screens of a run beside its content: the list of steps with what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from properties.catalog.descriptor import QuickStart
from properties.catalog.registry import packages, quick_starts
from rules.models import QuickStartRun

from .planning import NOUNS, Item

PAGES = {
    "domain": "quick_start/domain.html",
    "setup": "quick_start/setup.html",
    "created": "quick_start/created.html",
    "code": "quick_start/code.html",
    "validation": "quick_start/validation.html",
    "next": "quick_start/next.html",
}
SIDES = (("tags", "Tags"), ("forwarding", "Event forwarding"))


@dataclass(frozen=True, slots=True)
class StepBeside:
    """One step beside the page.

    Args:
        url: Empty if the person cannot go there yet.
        summary: What was answered or made.
    """

    number: int
    title: str
    url: str
    state: Literal["done", "current", "later"]
    summary: str


@dataclass(frozen=True, slots=True)
class ListedNames:
    """Resources of one kind in one property, for the list of what was created."""

    title: str
    names: Sequence[str]


def shown(
    request: HttpRequest, run: QuickStartRun | None, package: str, name: str, context: dict[str, Any]
) -> HttpResponse:
    """Render a screen.

    Args:
        run: None on the first screen of a new one.
        name: Of the screen, as in ``QuickStartRun.SCREENS``.
    """
    titles = dict(QuickStartRun.SCREENS)
    further = {
        "run": run,
        "recipe": recipe_of(package),
        "package": packages().get(package),
        "steps": steps_beside(run, name),
        "screen_title": titles[name],
        "next_url": next_url(run, name) if run else "",
    }
    return render(request, PAGES[name], {**further, **context})


def recipe_of(package: str) -> QuickStart | None:
    return quick_starts().get(package)


def next_url(run: QuickStartRun, name: str) -> str:
    """Return the address of the screen after this one, or "" after the last."""
    names = [screen for screen, _ in QuickStartRun.SCREENS]
    following = names[names.index(name) + 1 :]
    return address(run, following[0]) if following else ""


def address(run: QuickStartRun, name: str) -> str:
    return reverse(f"quick_start:quick_start_{name}", args=[run.uid])


def steps_beside(run: QuickStartRun | None, current: str) -> list[StepBeside]:
    reached = run.reached if run else 1
    return [
        StepBeside(
            number,
            title,
            address(run, name) if run and number <= reached and name != current else "",
            "current" if name == current else "done" if number < reached else "later",
            _summary(run, name) if run and number < reached else "",
        )
        for number, (name, title) in enumerate(QuickStartRun.SCREENS, 1)
    ]


def groups_of(run: QuickStartRun, state: str) -> list[ListedNames]:
    """Return the resources of both properties in a state, by property and kind."""
    found = []
    for side, title in SIDES:
        listed = run.listed(side, state)
        for kind in NOUNS:
            names = [Item(it, name, "new").label for it, name in listed if it == kind]
            if names:
                found.append(ListedNames(f"{title}: {len(names)} {_plural(NOUNS[kind], len(names))}", names))
    return found


def counted(run: QuickStartRun, state: str = "new") -> str:
    """Return how many resources a run has in a state: ``2 properties, 19 rules``."""
    numbers = Counter(kind for side, _ in SIDES for kind, _ in run.listed(side, state))
    return ", ".join(
        f"{numbers[kind]} {_plural(noun, numbers[kind])}" for kind, noun in NOUNS.items() if numbers[kind]
    )


def _plural(noun: str, number: int) -> str:
    if number == 1:
        return noun
    return noun.removesuffix("y") + "ies" if noun.endswith("y") else f"{noun}s"


def _summary(run: QuickStartRun, name: str) -> str:
    if name == "domain":
        return run.domain
    if name == "setup":
        return ", ".join(str(value) for value in run.answers.values() if value)
    if name == "created":
        return counted(run) or "Everything was there"
    return ""
