"""What the publishing page shows: the working library, the environments and the builds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max
from django.urls import reverse

from properties.models import Environment, Property, Revision
from rules.models import Activation, Build

from .build_advice import advice_of
from .libraries import content_of, open_library, present_uids, revision_name, revisions_in, revisions_numbered
from .needs import Need, library_needs, secrets_used

KINDS = {"extension": "Extension", "data_element": "Data element", "rule": "Rule"}
EDITORS = {
    "extension": "properties:extension_edit",
    "data_element": "properties:data_element_edit",
    "rule": "rules:rule_edit",
}
BUILDS_SHOWN = 20
LIVE_SHOWN = 5  # Of each environment, as many as Adobe keeps to go back to.
# Stage of a build → from which to which percent it lasts, and what is said meanwhile.
STAGES = {
    "data elements": (0, 20, "Checking data elements: {done} of {total}"),
    "rules": (20, 85, "Checking rules: {done} of {total}"),
    "engine": (85, 100, "Compiling what was checked"),
}


@dataclass(frozen=True, slots=True)
class RevisionEntry:
    """One revision of a resource, as a list shows it."""

    uid: str
    kind: str
    name: str
    number: int
    taken_for: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentBuild:
    """An environment with what it runs."""

    environment: Environment
    activation: Activation | None

    @property
    def build(self) -> Build | None:
        return self.activation.build if self.activation else None


def library_entries(prop: Property) -> list[RevisionEntry]:
    """What the working library holds, each with the name of what it was taken along for."""
    library = open_library(prop)
    present, revisions = present_uids(prop), revisions_in(library)
    names = {revision.resource_uid: revision_name(revision) for revision in revisions}
    taken = dict(library.resources.values_list("resource_uid", "taken_for")) if library else {}
    return [
        replace(_entry(revision), taken_for=names.get(taken[revision.resource_uid], ""))
        for revision in revisions
        if revision.resource_uid in present
    ]


@dataclass(frozen=True, slots=True)
class UsedSecret:
    """A secret that the working library uses; without address when it does not exist."""

    name: str
    url: str


def library_secrets(prop: Property) -> list[UsedSecret]:
    """The secrets that the resources in the working library use."""
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
    """What is missing in a library, and what one button does about it."""

    needs: list[Need]
    url: str
    label: str

    @property
    def names(self) -> list[str]:
        return [str(need) for need in self.needs]


def completion(prop: Property, environment: Environment | None, *, may_publish: bool) -> Completion | None:
    """What the working library lacks; nothing when it lacks nothing that the property has.

    Args:
        environment: Built for as soon as all is there; None adds it only.
        may_publish: The person may let the environment run the build.
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
    """Each environment, development first, with the activation that counts."""
    return [EnvironmentBuild(environment, _newest(environment)) for environment in prop.environments.all()]


def departing(prop: Property, everywhere: list[EnvironmentBuild]) -> list[RevisionEntry]:
    """What was deleted here while an environment still runs it; the next build there is without it."""
    present = present_uids(prop)
    running = [entry for place in everywhere if place.build for entry in named_entries(place.build)]
    return list({entry.uid: entry for entry in running if entry.uid not in present}.values())


def recent_builds(prop: Property, everywhere: list[EnvironmentBuild]) -> list[dict[str, Any]]:
    """The last builds and the last that were live in each environment, with where they are live now."""
    live = {place.build.pk: place.environment for place in everywhere if place.build}
    builds = Build.objects.filter(prop=prop)
    shown = set(builds.values_list("pk", flat=True)[:BUILDS_SHOWN])
    shown.update(pk for place in everywhere for pk in _last_live(place.environment))
    were_live = set(Activation.objects.filter(build__in=shown).values_list("build_id", flat=True))
    rows = builds.filter(pk__in=shown).select_related("environment", "library", "created_by")
    light = rows.defer("document", "revisions")
    return [{"build": b, "live_in": live.get(b.pk), "was_live": b.pk in were_live} for b in light]


def _last_live(environment: Environment) -> list[int]:
    """Builds to go back to."""
    activations = Activation.objects.filter(environment=environment).order_by()
    newest = activations.values("build").annotate(at=Max("id")).order_by("-at")
    return list(newest.values_list("build", flat=True)[:LIVE_SHOWN])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pending build is."""

    percent: int
    words: str


def progress_of(build: Build) -> Progress:
    """How far a pending build is, from what its maker told last."""
    told = build.progress
    if not told:
        return Progress(0, "Waiting to begin")
    start, end, words = STAGES[told["stage"]]
    share = told["done"] / told["total"] if told["total"] else 0
    return Progress(round(start + (end - start) * share), words.format(**told))


def differences(build: Build, live: Build | None) -> list[str]:
    """What going from one build to another adds, changes and removes, one line each."""
    new, old = _by_uid(build), _by_uid(live) if live else {}
    added = [f"Adds {_words(new[uid])}" for uid in new if uid not in old]
    changed = [
        f"Changes {_words(new[uid])}"
        for uid in new
        if uid in old and new[uid]["number"] != old[uid]["number"]
    ]
    return [*added, *changed, *(f"Removes {_words(old[uid])}" for uid in old if uid not in new)]


def problems(build: Build) -> list[dict[str, str]]:
    """What a failed build names, each as ``where``, ``message`` and the ``url`` of the page to mend it on."""
    return _with_editors(build, build.problems)


def advice(build: Build) -> list[dict[str, str]]:
    """What is most likely not meant in a build that succeeded; as ``problems``."""
    if build.status != Build.Status.SUCCEEDED:
        return []
    numbers = {entry["uid"]: entry["number"] for entry in build.revisions}
    found = advice_of(content_of(revisions_numbered(numbers).values()))
    told = [{"where": str(f.place), "message": f.message, "uid": f.place.uid} for f in found]
    return _with_editors(build, told)


def _with_editors(build: Build, told: list[dict[str, str]]) -> list[dict[str, str]]:
    present = present_uids(build.prop) if told else set()
    kinds = {entry["uid"]: entry["kind"] for entry in build.revisions if entry["uid"] in present}
    return [{**each, "url": _editor(build.prop, kinds, each.get("uid", ""))} for each in told]


def _editor(prop: Property, kinds: dict[str, str], uid: str) -> str:
    return reverse(EDITORS[kinds[uid]], args=[prop.uid, uid]) if uid in kinds else ""


def named_entries(build: Build) -> list[RevisionEntry]:
    """The revisions that a build holds."""
    return [RevisionEntry(r["uid"], KINDS[r["kind"]], r["name"], r["number"]) for r in build.revisions]


def _entry(revision: Revision) -> RevisionEntry:
    return RevisionEntry(
        revision.resource_uid, KINDS[revision.kind], revision_name(revision), revision.number
    )


def _newest(environment: Environment) -> Activation | None:
    activations = environment.activations.select_related("build__library", "activated_by")
    return activations.defer("build__document").first()


def _by_uid(build: Build) -> dict[str, dict[str, Any]]:
    return {entry["uid"]: entry for entry in build.revisions}


def _words(entry: dict[str, Any]) -> str:
    return f"{KINDS[entry['kind']].lower()} “{entry['name']}”"
