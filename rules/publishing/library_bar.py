"""The working library as the frame of each page shows it, and the numbers of the navigation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, QuerySet, Sum
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from properties.models import Environment, Property
from properties.views.frame import FramePart, frame_asked_for
from rules.models import Activation, Build, Library, LibraryResource

from .libraries import held_numbers, newest_by_kind, open_library, published_numbers, states_of

# Resources from which comparing them at every page would be felt.
LARGE = 300
KEPT_SECONDS = 3600
ROUTES = {
    "extension": "properties:extensions",
    "data_element": "properties:data_elements",
    "rule": "rules:rules",
}


@dataclass(frozen=True, slots=True)
class LibraryBar:
    """The working library of a property.

    Args:
        library: None if no library is in development.
        changes: How many resources it holds.
        is_built: Development runs exactly this library.
        building: The build for Development that is being made.
    """

    library: Library | None
    changes: int = 0
    is_built: bool = True
    building: Build | None = None

    @property
    def seconds(self) -> int:
        """How long the build takes so far."""
        return int((timezone.now() - self.building.created_at).total_seconds()) if self.building else 0


@receiver(frame_asked_for, dispatch_uid="rules.publishing.library_bar")
def frame_part(sender: type[Property], *, request: HttpRequest, prop: Property, **_: Any) -> FramePart:
    """Return the working library, and how many resources and unpublished changes there are."""
    resources, library = newest_by_kind(prop), open_library(prop)
    standing = _standing(prop, library, resources)
    counts = Counter(ROUTES[kind] for kind, _, _ in resources)
    bar = LibraryBar(library, standing.changes, standing.is_built, _building(library))
    return FramePart({**counts, "rules:publishing": standing.unpublished}, bar)


def library_bar(request: HttpRequest, prop: Property) -> LibraryBar:
    """Return the working library of a property as it is now."""
    bar: LibraryBar = frame_part(Property, request=request, prop=prop).library
    return bar


def first_development(prop: Property) -> Environment | None:
    """Return the environment that *Build to Development* builds for."""
    return prop.environments.filter(stage=Environment.Stage.DEVELOPMENT).order_by("id").first()


def _building(library: Library | None) -> Build | None:
    if library is None:
        return None
    pending = Build.objects.filter(library=library, status=Build.Status.PENDING, goes_live=True)
    return pending.defer("document", "revisions").first()


@dataclass(frozen=True, slots=True)
class _Standing:
    """How the resources of a property compare with its libraries and with Development."""

    unpublished: int
    changes: int
    is_built: bool


def _standing(prop: Property, library: Library | None, resources: list[tuple[str, str, int]]) -> _Standing:
    """Return the standing; that of a large property is kept in memory until something of it changes."""
    if len(resources) < LARGE:
        return _compared(prop, library, resources)
    stamp = hash((tuple(resources), library and library.pk, *_stamps(prop, library)))
    key = f"library_bar:{prop.pk}:{stamp}"
    found: Any = cache.get_or_set(key, lambda: _compared(prop, library, resources), KEPT_SECONDS)
    return found  # type: ignore[no-any-return]


def _stamps(prop: Property, library: Library | None) -> tuple[Any, ...]:
    """Return what tells any two contents of the libraries and of Development apart."""
    published = Library.objects.filter(prop=prop, state=Library.State.PUBLISHED)
    held = LibraryResource.objects.filter(library=library)
    return (
        *published.aggregate(Count("pk"), Max("published_at")).values(),
        *held.aggregate(Count("pk"), Sum("revision_id"), Max("revision_id")).values(),
        _live_in_development(prop).values_list("pk", flat=True).first(),
    )


def _compared(prop: Property, library: Library | None, resources: list[tuple[str, str, int]]) -> _Standing:
    newest = {uid: number for _, uid, number in resources}
    published, held = published_numbers(prop), held_numbers(library)
    states = states_of(newest, published, held)
    wanted = {uid: number for uid, number in {**published, **held}.items() if uid in newest}
    return _Standing(
        unpublished=sum(state != "published" for state in states.values()),
        changes=len(held.keys() & newest.keys()),
        is_built=library is None or wanted == _running(prop),
    )


def _running(prop: Property) -> dict[str, int]:
    """Return the revision numbers that Development runs, by resource uid."""
    entries = _live_in_development(prop).values_list("build__revisions", flat=True).first() or []
    return {entry["uid"]: entry["number"] for entry in entries}


def _live_in_development(prop: Property) -> QuerySet[Activation]:
    first = Environment.objects.filter(prop=prop, stage=Environment.Stage.DEVELOPMENT).order_by("id")[:1]
    return Activation.objects.filter(environment__in=first.values("pk")).order_by("-id")
