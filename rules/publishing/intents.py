"""Taking one revision further: into the working library, and on to development."""

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
    """What became of a revision.

    Args:
        along: What it needs and was taken into the library with it.
        build: None unless one was asked for. It may have failed, or be pending still.
    """

    along: list[Need]
    build: Build | None = None


def take_further(prop: Property, revision: Revision, intent: Intent, actor: Any = None) -> Taken | None:
    """Put a revision into the working library with what it needs; ``build`` also runs it in development.

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
    """What a notice says after a save, with the page that shows more when the build has not succeeded."""
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
        return Further(f"{in_library} {made.environment} is being built.", "See how far it is", page)
    first, more = made.problems[0], len(made.problems) - 1
    tail = f" And {more} more." if more else ""
    words = f"{in_library} It cannot be built. {first['where']}: {first['message']}{tail}"
    return Further(words, "See what to mend", page, is_trouble=True)
