"""Where the newest revision of a resource is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from properties.models import Environment, Property, Resource
from properties.views.environment_scope import STAGES
from rules.models import Activation, Build, Library

from .libraries import open_library, publishing_states


@dataclass(frozen=True, slots=True)
class LiveSign:
    """What one environment runs of a resource.

    Args:
        stage: ``development``, ``staging`` or ``production``.
        state: ``live`` for the newest revision, ``older`` for another one, or empty for none.
    """

    stage: str
    environment: str
    state: str

    @property
    def short(self) -> str:
        """``dev``, ``stag`` or ``prod``."""
        return next(short for short, stage in STAGES.items() if stage == self.stage)

    @property
    def icon(self) -> str:
        return f"env{self.short[0]}"

    @property
    def words(self) -> str:
        states = {"live": "live in", "older": "an older revision is live in"}
        return f"{states.get(self.state, 'not in')} {self.environment}"


@dataclass(frozen=True, slots=True)
class PublishingState:
    """Where a resource is on its way to production.

    Args:
        words: Such as “Changed, not in a library” or “Live in Production”.
        is_changed: Its newest revision is not live in production.
        signs: One for each environment, development first.
    """

    words: str
    is_changed: bool
    signs: tuple[LiveSign, ...]

    @property
    def label(self) -> str:
        """All signs as one sentence."""
        text = ", ".join(sign.words for sign in self.signs)
        return text[:1].upper() + text[1:]


class PublishingStates:
    """The states of all resources of a property, read once."""

    def __init__(self, prop: Property) -> None:
        self._states, self._library = publishing_states(prop), open_library(prop)
        self._live = _live_numbers(prop)

    def of(self, resource: Resource) -> PublishingState:
        """Return the state of a saved resource."""
        signs = tuple(_sign(environment, held, resource) for environment, held in self._live)
        live = [sign for sign in signs if sign.state == "live"]
        is_changed = not any(sign.stage == Environment.Stage.PRODUCTION for sign in live)
        words = _words(self._states.get(resource.uid, "new"), self._library, live)
        return PublishingState(words, is_changed, signs)


def _words(state: str, library: Library | None, live: list[LiveSign]) -> str:
    if state == "in_library":
        return f"In {library}"
    if state == "newer":
        return f"Changed after it went into {library}"
    if state in ("new", "changed"):
        where = f", live in {live[-1].environment}" if live else ""
        return f"{'New' if state == 'new' else 'Changed'}, not in a library{where}"
    return f"Live in {live[-1].environment}" if live else "Published, not live"


def _sign(environment: Environment, held: Mapping[str, int], resource: Resource) -> LiveSign:
    number = held.get(resource.uid)
    state = "" if number is None else "live" if number == resource.revision_number else "older"
    return LiveSign(environment.stage, environment.name, state)


def _live_numbers(prop: Property) -> list[tuple[Environment, dict[str, int]]]:
    """Return each environment with the numbers of the revisions that it runs, by resource uid."""
    newest = Activation.objects.filter(environment=OuterRef("pk")).order_by("-id").values("build_id")[:1]
    environments = list(prop.environments.annotate(live_build=Subquery(newest)))
    builds = {environment.live_build for environment in environments} - {None}
    held = dict(Build.objects.filter(pk__in=builds).values_list("pk", "revisions"))
    return [
        (environment, {it["uid"]: it["number"] for it in held.get(environment.live_build, ())})
        for environment in environments
    ]
