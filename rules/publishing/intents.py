"""Adds a saved revision to the working library, and builds it for development."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from properties.models import Environment, Property, Revision
from properties.saving import Further, Intent
from rules.models import Build

from .libraries import working_library
from .needs import Need, add_with_needs, complete, listed
from .pending import start


@dataclass(frozen=True, slots=True)
class Taken:
    """The result of a save that goes further.

    Args:
        along: The needs of the revision that were added to the library with it.
        build: None unless one was asked for. It may have failed or be pending.
    """

    along: list[Need]
    build: Build | None = None


def take_further(prop: Property, revision: Revision, intent: Intent, actor: Any = None) -> Taken | None:
    """Add a revision and its needs to the working library; ``build`` also makes it live in development.

    Returns:
        None for a plain save.
    """
    if intent == "save":
        return None
    with transaction.atomic():
        library = working_library(prop, actor)
        along = add_with_needs(library, revision)
        if intent == "build":
            along += complete(library)
    development = prop.environments.filter(stage=Environment.Stage.DEVELOPMENT).order_by("id").first()
    if intent == "library" or development is None:
        return Taken(along)
    return Taken(along, start(library, development, actor, goes_live=True))


def notice_after(prop: Property, taken: Taken | None) -> Further:
    """Return the notice after a save, with a link to the build unless it succeeded."""
    if taken is None:
        return Further("")
    along = f" With it: {listed(taken.along)}." if taken.along else ""
    in_library = f" It is in the library.{along}"
    if (made := taken.build) is None:
        return Further(in_library)
    page = reverse("rules:build_detail", args=[prop.uid, made.uid])
    if made.status == Build.Status.SUCCEEDED:
        url = reverse("rules:test_event", args=[prop.uid, made.environment.uid])
        words = f" It is in the library, built, and live in {made.environment}.{along}"
        return Further(words, "Send a test event", url)
    if made.status == Build.Status.PENDING:
        return Further(f"{in_library} {made.environment} is being built.", "See the progress", page)
    first, more = made.problems[0], len(made.problems) - 1
    tail = f" And {more} more." if more else ""
    words = f"{in_library} It cannot be built. {first['where']}: {first['message']}{tail}"
    return Further(words, "See the problems", page, is_trouble=True)
