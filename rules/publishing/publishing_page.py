"""The data of the publishing page: the working library, the environments and the builds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.urls import reverse

from properties.models import Environment, Property
from rules.models import Activation, Build

from .build_advice import advice_of
from .libraries import content_of, open_library, present_uids, revisions_in, revisions_numbered
from .needs import Need, library_needs, secrets_used

KINDS = {"extension": "Extension", "data_element": "Data element", "rule": "Rule"}
EDITORS = {
    "extension": "properties:extension_edit",
    "data_element": "properties:data_element_edit",
    "rule": "rules:rule_edit",
}
BUILDS_SHOWN = 20
LIVE_SHOWN = 5  # In each environment; Adobe keeps as many for a roll back.
# Stage of a build → its first percent, its last percent, and the text that is shown.
STAGES = {
    "data elements": (0, 20, "Checking data elements: {done} of {total}"),
    "rules": (20, 85, "Checking rules: {done} of {total}"),
    "engine": (85, 100, "Compiling the build"),
}


@dataclass(frozen=True, slots=True)
class RevisionEntry:
    """One revision of a resource, as a list shows it."""

    uid: str
    kind: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class EnvironmentBuild:
    """An environment and the build that it runs."""

    environment: Environment
    activation: Activation | None

    @property
    def build(self) -> Build | None:
        return self.activation.build if self.activation else None


def address(prop: Property) -> str:
    """Return the address of the page."""
    return reverse("rules:publishing", args=[prop.uid])


@dataclass(frozen=True, slots=True)
class UsedSecret:
    """A secret that the working library uses; ``url`` is empty if it does not exist."""

    name: str
    url: str


def library_secrets(prop: Property) -> list[UsedSecret]:
    """Return the secrets that the resources in the working library use."""
    names = secrets_used(revisions_in(open_library(prop)))
    uids = dict(prop.secrets.filter(name__in=names).values_list("name", "uid"))
    return [
        UsedSecret(
            name, reverse("properties:secret_edit", args=[prop.uid, uids[name]]) if name in uids else ""
        )
        for name in sorted(names)
    ]


@dataclass(frozen=True, slots=True)
class Completion:
    """The resources that a library lacks, and the button that adds them."""

    needs: list[Need]
    url: str
    label: str

    @property
    def names(self) -> list[str]:
        return [str(need) for need in self.needs]


def completion(prop: Property, environment: Environment | None, *, may_publish: bool) -> Completion | None:
    """Return the resources that the working library lacks and the property has; None if there are none.

    Args:
        environment: The button also builds for it; None only adds.
        may_publish: The person may make the build live in this environment.
    """
    library = open_library(prop)
    needs = library_needs(library) if library else []
    if not needs:
        return None
    if environment is None or not may_publish:
        return Completion(needs, reverse("rules:library_change", args=[prop.uid]), f"Add {len(needs)}")
    url = reverse("rules:publish_library", args=[prop.uid, environment.uid])
    return Completion(needs, url, f"Add {len(needs)} and build")


def places(prop: Property) -> list[EnvironmentBuild]:
    """Return each environment with its newest activation, development first."""
    return [EnvironmentBuild(environment, _newest(environment)) for environment in prop.environments.all()]


def departing(prop: Property, everywhere: list[EnvironmentBuild]) -> list[RevisionEntry]:
    """Return the deleted resources that an environment still runs; its next build drops them."""
    present = present_uids(prop)
    running = [entry for place in everywhere if place.build for entry in named_entries(place.build)]
    return list({entry.uid: entry for entry in running if entry.uid not in present}.values())


def recent_builds(prop: Property, everywhere: list[EnvironmentBuild]) -> list[dict[str, Any]]:
    """Return the last builds and the last live builds of each environment, with where they are live now."""
    live = {place.build.pk: place.environment for place in everywhere if place.build}
    builds = Build.objects.filter(prop=prop)
    shown = set(builds.values_list("pk", flat=True)[:BUILDS_SHOWN])
    shown.update(pk for place in everywhere for pk in _last_live(place.environment))
    were_live = set(Activation.objects.filter(build__in=shown).values_list("build_id", flat=True))
    rows = builds.filter(pk__in=shown).select_related("environment", "library", "created_by")
    light = rows.defer("document", "revisions")
    return [{"build": b, "live_in": live.get(b.pk), "was_live": b.pk in were_live} for b in light]


def _last_live(environment: Environment) -> list[int]:
    """Return the builds that a person can roll back to."""
    activations = Activation.objects.filter(environment=environment).order_by()
    newest = activations.values("build").annotate(at=Max("id")).order_by("-at")
    return list(newest.values_list("build", flat=True)[:LIVE_SHOWN])


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a pending build."""

    percent: int
    words: str


def progress_of(build: Build) -> Progress:
    """Return the progress of a pending build, as it was last reported."""
    reported = build.progress
    if not reported:
        return Progress(0, "Waiting to start")
    start, end, words = STAGES[reported["stage"]]
    share = reported["done"] / reported["total"] if reported["total"] else 0
    return Progress(round(start + (end - start) * share), words.format(**reported))


def differences(build: Build, live: Build | None) -> list[str]:
    """Return one line for each resource that a build adds to, changes in or removes from the live build."""
    new, old = _by_uid(build), _by_uid(live) if live else {}
    added = [f"Adds {_words(new[uid])}" for uid in new if uid not in old]
    changed = [
        f"Changes {_words(new[uid])}"
        for uid in new
        if uid in old and new[uid]["number"] != old[uid]["number"]
    ]
    return [*added, *changed, *(f"Removes {_words(old[uid])}" for uid in old if uid not in new)]


def problems(build: Build) -> list[dict[str, str]]:
    """Return the problems of a failed build: ``where``, ``message``, and the ``url`` of the page to edit."""
    return _with_editors(build, build.problems)


def advice(build: Build) -> list[dict[str, str]]:
    """Return the advice on a build that succeeded, in the form of ``problems``."""
    if build.status != Build.Status.SUCCEEDED:
        return []
    numbers = {entry["uid"]: entry["number"] for entry in build.revisions}
    found = advice_of(content_of(revisions_numbered(numbers).values()), build.prop.platform)
    entries = [{"where": str(f.place), "message": f.message, "uid": f.place.uid} for f in found]
    return _with_editors(build, entries)


def _with_editors(build: Build, entries: list[dict[str, str]]) -> list[dict[str, str]]:
    present = present_uids(build.prop) if entries else set()
    kinds = {entry["uid"]: entry["kind"] for entry in build.revisions if entry["uid"] in present}
    return [{**each, "url": _editor(build.prop, kinds, each.get("uid", ""))} for each in entries]


def _editor(prop: Property, kinds: dict[str, str], uid: str) -> str:
    return reverse(EDITORS[kinds[uid]], args=[prop.uid, uid]) if uid in kinds else ""


def named_entries(build: Build) -> list[RevisionEntry]:
    """Return the revisions that a build holds."""
    return [RevisionEntry(r["uid"], KINDS[r["kind"]], r["name"], r["number"]) for r in build.revisions]


def _newest(environment: Environment) -> Activation | None:
    activations = environment.activations.select_related("build__library", "activated_by")
    return activations.defer("build__document").first()


def _by_uid(build: Build) -> dict[str, dict[str, Any]]:
    return {entry["uid"]: entry for entry in build.revisions}


def _words(entry: dict[str, Any]) -> str:
    return f"{KINDS[entry['kind']].lower()} “{entry['name']}”"
