"""The environment whose events a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.dispatch import Signal
from django.http import Http404, HttpRequest

from properties.models import Environment, Property

from .choices import choice, keep_choice

NAME = "environment"
# Values of ``?env=`` beside the uids of environments.
STAGES = {
    "dev": Environment.Stage.DEVELOPMENT,
    "stag": Environment.Stage.STAGING,
    "prod": Environment.Stage.PRODUCTION,
}
# These say where one is in a list of one environment: another environment has no such place.
PLACES = ("env", "event", "before", "after", "watch", "part", "page")

# Sent with ``prop``. Receivers return the ids of environments that run a build or received events.
in_use_asked_for = Signal()


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of the environment switch: a link, or a menu if the stage has several environments.

    Args:
        short: ``dev``, ``stag`` or ``prod``.
        links: The label, the address and whether it is chosen of each environment of the stage.
    """

    short: str
    label: str
    links: list[tuple[str, str, bool]]

    @property
    def url(self) -> str:
        return self.links[0][1]

    @property
    def key(self) -> int:
        """The key that chooses it after ``e``."""
        return [*STAGES].index(self.short) + 1

    @property
    def icon(self) -> str:
        return f"env{self.short[0]}"

    @property
    def is_current(self) -> bool:
        return any(is_chosen for _, _, is_chosen in self.links)

    @property
    def name(self) -> str:
        """The chosen environment of a stage with several, otherwise the stage."""
        return next((name for name, _, is_chosen in self.links if is_chosen), self.label)


def chosen_environment(request: HttpRequest, prop: Property) -> Environment:
    """Return the environment that a page shows; the page then also shows the switch.

    ``?env=`` names it: ``dev``, ``stag``, ``prod`` or a uid. It is kept for the person and the property.
    Without a choice it is Production if it is in use, otherwise Staging if that is, otherwise Development.

    Raises:
        Http404: The property has no environment.
    """
    if not hasattr(request, "environment"):
        request.environments = list(prop.environments.all())  # type: ignore[attr-defined]
        request.environment = _choose(request, prop, request.environments)  # type: ignore[attr-defined]
    chosen: Environment = request.environment  # type: ignore[attr-defined]
    return chosen


def _choose(request: HttpRequest, prop: Property, known: Sequence[Environment]) -> Environment:
    kept = _with_uid(known, choice(request, NAME, of_property=True))
    asked = _asked(known, request.GET.get("env", ""), kept)
    if asked is None:
        return kept or _usual(prop, known)
    if asked != kept and _is_whole_page(request):
        keep_choice(request, NAME, asked.uid, prop)
    return asked


def _with_uid(known: Iterable[Environment], uid: Any) -> Environment | None:
    return next((it for it in known if it.uid == uid), None)


def _asked(known: Iterable[Environment], text: str, kept: Environment | None) -> Environment | None:
    """Return the environment that an address names. A stage means the kept one of it, or the first."""
    if stage := STAGES.get(text):
        return kept if kept and kept.stage == stage else next((it for it in known if it.stage == stage), None)
    return _with_uid(known, text)


def _is_whole_page(request: HttpRequest) -> bool:
    """Parts of a page keep nothing: two open pages would change the choice back and forth."""
    return request.method == "GET" and "HX-Request" not in request.headers


def _usual(prop: Property, known: Sequence[Environment]) -> Environment:
    answers: Any = in_use_asked_for.send(Environment, prop=prop)
    in_use = {pk for _, found in answers for pk in found or ()}
    for stage in (Environment.Stage.PRODUCTION, Environment.Stage.STAGING):
        for environment in known:
            if environment.stage == stage and environment.pk in in_use:
                return environment
    if not known:
        raise Http404("This property has no environment.")
    return next((it for it in known if it.stage == Environment.Stage.DEVELOPMENT), known[0])


def environment_switch(request: HttpRequest) -> list[Segment]:
    """Return the segments of the switch; empty unless the page asked for ``chosen_environment``."""
    chosen: Environment | None = getattr(request, "environment", None)
    if chosen is None:
        return []
    known: list[Environment] = request.environments  # type: ignore[attr-defined]
    segments = [
        _segment(request, short, [it for it in known if it.stage == stage]) for short, stage in STAGES.items()
    ]
    return [segment for segment in segments if segment.links]


def _segment(request: HttpRequest, short: str, environments: Sequence[Environment]) -> Segment:
    chosen = request.environment  # type: ignore[attr-defined]
    values = [it.uid for it in environments] if len(environments) > 1 else [short]
    links = [
        (it.name, f"?{_query(request, value)}", it == chosen)
        for it, value in zip(environments, values, strict=False)
    ]
    return Segment(short, STAGES[short].label, links)


def _query(request: HttpRequest, value: str) -> str:
    """Return the query of this page for another environment: its filters stay, its place does not."""
    query = request.GET.copy()
    for name in PLACES:
        query.pop(name, None)
    query["env"] = value
    return query.urlencode()
