"""Compiling a library for an environment, and making a build the one that the environment runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from properties.catalog.registry import packages
from properties.models import DataElement, Environment, Property, Revision, Secret
from properties.models.identifiers import new_uid
from properties.saving import record
from properties.secrets.belonging import Belonging
from properties.secrets.credentials import secrets_of
from rules.engine import BuildProblem, compile_build
from rules.models import Activation, Build, Library

from .build_problems import Finding, Place, Surroundings, problems_of
from .check_cache import RememberingCheck
from .compile import canonical, checksum, compile_document, is_same_content
from .content import Content, live_part
from .libraries import content_of, locked, revision_name, revisions_for_build, working_library
from .progress import Progress, silently


class NotPublishable(Exception):
    """This build cannot go live; the message says why and what to do."""


def build(library: Library, environment: Environment, actor: Any = None) -> Build:
    """Freeze and compile what a library holds, for one environment.

    Returns:
        A build that succeeded, or one that failed and names every problem as ``{"where", "message"}``, with
        the ``uid`` of the resource where there is one. Neither is ever changed.
    """
    revisions = revisions_for_build(library.prop, library)
    made = pending_build(library, environment, revisions, actor)
    compile_into(made, revisions)  # Outside the transaction: SQLite lets nobody else write meanwhile.
    with transaction.atomic():
        made.save()
        record_built(made, actor)
    return made


def pending_build(
    library: Library, environment: Environment, revisions: Iterable[Revision], actor: Any = None
) -> Build:
    """A build, not saved and not compiled yet, of exactly these revisions."""
    return Build(
        uid=new_uid("BL"),
        prop=library.prop,
        library=library,
        environment=environment,
        created_by=_user(actor),
        revisions=[_named(revision) for revision in revisions],
    )


def compile_into(made: Build, revisions: Sequence[Revision], report: Progress = silently) -> None:
    """Give a pending build its document, or the problems that it failed with; it is not saved.

    Args:
        report: Hears how far this is.
    """
    prop, environment = made.prop, made.environment
    findings = check(prop, environment, content_of(revisions), report)
    report("engine", 0, 0)
    document = candidate(prop, environment, revisions, made.uid)
    findings = findings or _engine_findings(document)
    if findings:
        made.status = Build.Status.FAILED
        made.problems = [{"where": str(f.place), "message": f.message, "uid": f.place.uid} for f in findings]
    else:
        made.status = Build.Status.SUCCEEDED
        made.document = canonical(document)
        made.checksum = checksum(made.document)


def record_built(made: Build, actor: Any) -> None:
    """The audit entry of a build that has ended."""
    library = made.library.uid if made.library else ""
    record(made.prop, f"build.{made.status}", made, actor, stage=made.environment.stage, library=library)


@transaction.atomic
def activate(made: Build, actor: Any = None) -> Activation:
    """Let the environment of a build run it from now on; an older build is a roll back.

    In production this also publishes the library, once, when the build holds all of it.

    Raises:
        NotPublishable: See ``library_to_publish``.
    """
    if library := library_to_publish(made):
        _mark_published(library, actor)
    activation = Activation.objects.create(
        environment=made.environment, build=made, activated_by=_user(actor)
    )
    record(made.prop, "build.activated", made, actor, stage=made.environment.stage)
    return activation


@transaction.atomic
def library_to_publish(made: Build) -> Library | None:
    """The library that is published when this build goes live; None when it was before, or stays open.

    Raises:
        NotPublishable: The build failed, was damaged, or its library has moved on since.
    """
    if made.status != Build.Status.SUCCEEDED or not made.is_intact():
        raise NotPublishable("Only a build that succeeded can be published. Build the library again.")
    if made.library is None or made.environment.stage != Environment.Stage.PRODUCTION:
        return None
    library = locked(made.library)
    if library.state == Library.State.PUBLISHED:
        return None
    built = {(entry["uid"], entry["number"]) for entry in made.revisions}
    if built != {(r.resource_uid, r.number) for r in revisions_for_build(made.prop, library)}:
        raise NotPublishable("The library has changed since this build. Build it again.")
    return library


def publish(library: Library, environment: Environment, actor: Any = None) -> Build:
    """Build a library and, when that succeeded, let the environment run it."""
    made = build(library, environment, actor)
    if made.status == Build.Status.SUCCEEDED:
        activate(made, actor)
    return made


def publish_if_changed(
    prop: Property, library: Library | None, environment: Environment, actor: Any = None
) -> Build:
    """Like ``publish``; the live build when that already is all of this and nothing waits to be published."""
    live = live_build(environment)
    waiting = library is not None and library.resources.exists()
    if live is not None and not (waiting and environment.stage == Environment.Stage.PRODUCTION):
        document = candidate(prop, environment, revisions_for_build(prop, library), live.uid)
        if is_same_content(document, json.loads(live.document)):
            return live
    return publish(library or working_library(prop, actor), environment, actor)


def live_build(environment: Environment) -> Build | None:
    """The build that an environment runs now."""
    activation = environment.activations.select_related("build").first()
    return activation.build if activation else None


def candidate(
    prop: Property, environment: Environment, revisions: Sequence[Revision], uid: str
) -> dict[str, Any]:
    """The document that a build of these revisions would have."""
    content = live_part(content_of(revisions))
    return compile_document(content, prop, environment, build_id=uid, now=timezone.now())


def check(
    prop: Property, environment: Environment, content: Content, report: Progress = silently
) -> list[Finding]:
    """Everything that keeps ``content`` from running in an environment."""
    surroundings = Surroundings(
        check=RememberingCheck(),
        secrets=secret_names(prop, environment),
        absent=_absent(prop, content),
        absent_packages=_absent_packages(prop, content),
        stage=environment.stage,
        secret_troubles=_secret_troubles(prop, environment),
    )
    return problems_of(live_part(content), surroundings, report)


def secret_names(prop: Property, environment: Environment) -> set[str]:
    """Secrets that an environment can use: its own, and those bound to none."""
    usable = Q(environment=None) | Q(environment=environment)
    return set(Secret.objects.filter(usable, prop=prop).values_list("name", flat=True))


def _secret_troubles(prop: Property, environment: Environment) -> dict[str, str]:
    """Secrets that exist but do not work in an environment, with the reason."""
    belonging, here = Belonging(prop), secrets_of(prop.pk, environment.pk)
    troubles = {name: belonging.refusal(name, environment) for name in belonging.rows.keys() - here.keys()}
    now = timezone.now()
    return troubles | {name: _does_not_work(it) for name, it in here.items() if not it.is_usable(now)}


def _does_not_work(secret: Secret) -> str:
    otherwise = "It has expired." if secret.value else "It is being exchanged."
    return f"The secret “{secret.name}” does not work yet. {secret.status_details or otherwise}"


def _absent(prop: Property, content: Content) -> dict[str, str]:
    """Data elements that people see but the build does not take, with the reason."""
    live = live_part(content).element_names()
    disabled = content.element_names() - live
    existing = set(DataElement.objects.filter(prop=prop).values_list("name", flat=True))
    reasons = {name: f"The data element “{name}” is disabled." for name in disabled}
    for name in existing - live - disabled:
        reasons[name] = f"The data element “{name}” is not in the library. Add it and build again."
    return reasons


def _absent_packages(prop: Property, content: Content) -> dict[str, str]:
    """Extensions that are installed but not in the build, with the reason; by package."""
    held, reasons = {each["package"]: each for each in content.extensions}, {}
    for extension in prop.extensions.all():
        name = extension.display_name
        if not extension.enabled:
            reasons[extension.package_name] = f"The extension {name} is disabled. Enable it and build again."
        elif not held.get(extension.package_name, {"enabled": False})["enabled"]:
            reasons[extension.package_name] = (
                f"The extension {name} is not in the library. Add it and build again."
            )
    return reasons


def _engine_findings(document: dict[str, Any]) -> list[Finding]:
    try:
        compile_build(document, packages())
    except BuildProblem as error:
        return [Finding(Place(("Build",), "$"), message) for message in error.problems]
    return []


def _mark_published(library: Library, actor: Any) -> None:
    library.state = Library.State.PUBLISHED
    library.published_at = timezone.now()
    library.save()
    record(library.prop, "library.published", library, actor)


def _named(revision: Revision) -> dict[str, Any]:
    return {
        "kind": revision.kind,
        "uid": revision.resource_uid,
        "name": revision_name(revision),
        "number": revision.number,
    }


def _user(actor: Any) -> Any:
    return actor if isinstance(actor, models.Model) else None
