"""The publishing flow: the working library, what is live, and what to check before it goes live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from properties.models import Environment, Property
from rules.models import Build, Library

from .libraries import Change
from .publishing_page import Completion, EnvironmentBuild, RevisionEntry


@dataclass(frozen=True, slots=True)
class Check:
    """One line of “Before you publish”.

    Args:
        level: ``ok``, ``warn`` or ``bad``. A bad one stops the build.
        link: Label and address of the place to mend it; both may be empty.
    """

    level: str
    text: str
    link: tuple[str, str] = ("", "")

    @property
    def icon(self) -> str:
        return {"ok": "ok", "warn": "bug", "bad": "refused"}[self.level]


@dataclass(frozen=True, slots=True)
class Flow:
    """What the page shows of the working library.

    Args:
        newest: Its newest build, if it has one.
        changes: Changed resources that are in no library.
        departing: Deleted resources that an environment still runs.
    """

    prop: Property
    library: Library | None
    newest: Build | None
    places: Sequence[EnvironmentBuild]
    completion: Completion | None
    changes: Sequence[Change]
    departing: Sequence[RevisionEntry]
    warnings: Sequence[str]

    @property
    def checks(self) -> list[Check]:
        """What to look at before the library goes live, in the order of the work."""
        return [*self._of_build(), *self._of_content(), *self._of_production()]

    @property
    def live(self) -> list[EnvironmentBuild]:
        """Environments that run a build, production first."""
        return [place for place in reversed(self.places) if place.build]

    @property
    def without_build(self) -> str:
        """The names of the environments that run nothing, as a sentence part."""
        names = [place.environment.name for place in self.places if not place.build]
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    @property
    def next_stage(self) -> str:
        """The stage to publish to next: production once Development runs what the library holds now."""
        ran = {place.build.pk for place in self.places if place.build and _is_development(place.environment)}
        is_tried = self.newest is not None and self.newest.pk in ran and not self.completion
        return Environment.Stage.PRODUCTION if is_tried else Environment.Stage.DEVELOPMENT

    def _of_build(self) -> Iterator[Check]:
        if self.newest is None:
            yield Check("warn", "Not built yet")
        else:
            page = reverse("rules:build_detail", args=[self.prop.uid, self.newest.uid])
            yield Check(*_word_of(self.newest), ("Build", page))

    def _of_content(self) -> Iterator[Check]:
        if self.completion:
            yield Check("bad", f"{len(self.completion.needs)} missing")
        else:
            yield Check("ok", "Nothing is missing")
        if self.changes:
            count = len(self.changes)
            yield Check(
                "warn",
                f"{count} change{' is' if count == 1 else 's are'} in no library",
                ("Show", "#changes"),
            )
        if self.departing:
            yield Check(
                "warn", f"{len(self.departing)} deleted: the next build leaves it out", ("Show", "#departing")
            )

    def _of_production(self) -> Iterator[Check]:
        yield from (Check("warn", warning) for warning in self.warnings)
        if not self.warnings:
            yield Check("ok", "Nothing in Production is left from testing")


def first_development(places: Sequence[EnvironmentBuild]) -> Environment | None:
    """Return the environment that *Add n and build* builds for."""
    return next((place.environment for place in places if _is_development(place.environment)), None)


def newest_build(library: Library | None) -> Build | None:
    """Return the newest build of a library, without its document."""
    if library is None:
        return None
    builds = library.builds.select_related("environment").defer("document", "revisions")
    return builds.order_by("-id").first()


def production_build(places: Sequence[EnvironmentBuild]) -> Build | None:
    """Return the build that production runs."""
    stage = Environment.Stage.PRODUCTION
    return next((place.build for place in places if place.environment.stage == stage), None)


def _is_development(environment: Environment) -> bool:
    return environment.stage == Environment.Stage.DEVELOPMENT


def _word_of(build: Build) -> tuple[str, str]:
    if build.status == Build.Status.PENDING:
        return "warn", f"Being built for {build.environment}"
    if build.status == Build.Status.FAILED:
        count = len(build.problems)
        return "bad", f"The build failed: {count} problem{'' if count == 1 else 's'}"
    return "ok", f"Built for {build.environment}"
