"""Builds a library for an environment, and makes a build live."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from properties.catalog.registry import packages
from properties.catalog.tokens import names_set_in, tokens_of
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
from .forwarding_links import link_findings, with_datastreams
from .libraries import content_of, locked, revision_name, revisions_for_build, working_library
from .progress import Progress, silently
from .tag_libraries import has_library, keep_library
from .web_library import LibraryProblems
from .web_library import library as library_text


class NotPublishable(Exception):
    """This build cannot go live; the message says why and what to do."""


def build(library: Library, environment: Environment, actor: Any = None) -> Build:
    """Freeze and compile the content of a library for one environment.

    Returns:
        A build that succeeded, or a failed one that names every problem as ``{"where", "message"}``, with
        the ``uid`` of the resource if it has one. A build never changes afterwards.
    """
    revisions = revisions_for_build(library.prop, library)
    made = pending_build(library, environment, revisions, actor)
    compile_into(made, revisions)  # Not in the transaction: it would block other writers on SQLite.
    with transaction.atomic():
        made.save()
        record_built(made, actor)
    return made


def pending_build(
    library: Library, environment: Environment, revisions: Iterable[Revision], actor: Any = None
) -> Build:
    """Return a build of exactly these revisions. It is neither saved nor compiled yet."""
    return Build(
        uid=new_uid("BL"),
        prop=library.prop,
        library=library,
        environment=environment,
        created_by=_user(actor),
        revisions=[_named(revision) for revision in revisions],
    )


def compile_into(made: Build, revisions: Sequence[Revision], report: Progress = silently) -> None:
    """Set the document of a pending build, or the problems that stop it; do not save it.

    Args:
        report: Called with the progress.
    """
    prop, environment = made.prop, made.environment
    findings = check(prop, environment, content_of(revisions), report)
    report("engine", 0, 0)
    document = candidate(prop, environment, revisions, made.uid)
    if not findings:
        findings = _library_findings(made, document) if prop.is_tags else _engine_findings(document)
    if findings:
        made.status = Build.Status.FAILED
        made.problems = [{"where": str(f.place), "message": f.message, "uid": f.place.uid} for f in findings]
    else:
        made.status = Build.Status.SUCCEEDED
        made.document = canonical(document)
        made.checksum = checksum(made.document)


def record_built(made: Build, actor: Any) -> None:
    """Store the file of a build of tags that has ended, and write the audit entry of any build."""
    if made.library_text and made.status == Build.Status.SUCCEEDED:
        keep_library(made, made.library_text)
    library = made.library.uid if made.library else ""
    record(made.prop, f"build.{made.status}", made, actor, stage=made.environment.stage, library=library)


@transaction.atomic
def activate(made: Build, actor: Any = None) -> Activation:
    """Make a build live in its environment; an older build is a roll back.

    In production, also publish the library, once, if the build holds all of it.

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
    """Return the library that this build publishes when it goes live.

    Returns:
        None if the library was published before, or stays open.

    Raises:
        NotPublishable: The build failed or is damaged, or its library has changed since.
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
    """Build a library and, if the build succeeds, make it live."""
    made = build(library, environment, actor)
    if made.status == Build.Status.SUCCEEDED:
        activate(made, actor)
    return made


def publish_if_changed(
    prop: Property, library: Library | None, environment: Environment, actor: Any = None
) -> Build:
    """Like ``publish``, but keep the live build if nothing waits and it has this content, and this file."""
    live = live_build(environment)
    waiting = library is not None and library.resources.exists()
    if live is not None and not (waiting and environment.stage == Environment.Stage.PRODUCTION):
        document = candidate(prop, environment, revisions_for_build(prop, library), live.uid)
        if is_same_content(document, json.loads(live.document)) and _has_same_file(live, document):
            return live
    return publish(library or working_library(prop, actor), environment, actor)


def _has_same_file(live: Build, document: dict[str, Any]) -> bool:
    """Return whether a build of tags would have the file of the live one. An upgrade changes the engine."""
    try:
        return not live.prop.is_tags or has_library(live, library_text(document, packages()))
    except LibraryProblems:
        return False


def live_build(environment: Environment) -> Build | None:
    """Return the build that an environment runs now."""
    activation = environment.activations.select_related("build").first()
    return activation.build if activation else None


def candidate(
    prop: Property, environment: Environment, revisions: Sequence[Revision], uid: str
) -> dict[str, Any]:
    """Return the document that a build of these revisions would have."""
    content = live_part(content_of(revisions))
    document = compile_document(content, prop, environment, build_id=uid, now=timezone.now())
    return with_datastreams(document, environment) if prop.is_tags else document


def check(
    prop: Property, environment: Environment, content: Content, report: Progress = silently
) -> list[Finding]:
    """Return every problem that keeps ``content`` from running in an environment."""
    surroundings = Surroundings(
        check=RememberingCheck(),
        secrets=secret_names(prop, environment),
        absent=_absent(prop, content),
        absent_packages=_absent_packages(prop, content),
        stage=environment.stage,
        secret_troubles=_secret_troubles(prop, environment),
        platform=prop.platform,
    )
    live = live_part(content)
    with tokens_of(prop.platform, lambda: names_set_in([*live.data_elements, *live.rules])):
        return [*problems_of(live, surroundings, report), *link_findings(live, environment)]


def secret_names(prop: Property, environment: Environment) -> set[str]:
    """Return the names of the secrets that an environment can use: its own, and the shared ones."""
    usable = Q(environment=None) | Q(environment=environment)
    return set(Secret.objects.filter(usable, prop=prop).values_list("name", flat=True))


def _secret_troubles(prop: Property, environment: Environment) -> dict[str, str]:
    """Return the secrets that exist but do not work in an environment, with the reason."""
    belonging, here = Belonging(prop), secrets_of(prop.pk, environment.pk)
    troubles = {name: belonging.refusal(name, environment) for name in belonging.rows.keys() - here.keys()}
    now = timezone.now()
    return troubles | {name: _does_not_work(it) for name, it in here.items() if not it.is_usable(now)}


def _does_not_work(secret: Secret) -> str:
    otherwise = "It has expired." if secret.value else "It is being exchanged."
    return f"The secret “{secret.name}” does not work yet. {secret.status_details or otherwise}"


def _absent(prop: Property, content: Content) -> dict[str, str]:
    """Return the data elements that exist but are not in the build, with the reason."""
    live = live_part(content).element_names()
    disabled = content.element_names() - live
    existing = set(DataElement.objects.filter(prop=prop).values_list("name", flat=True))
    reasons = {name: f"The data element “{name}” is disabled." for name in disabled}
    for name in existing - live - disabled:
        reasons[name] = f"The data element “{name}” is not in the library. Add it and build again."
    return reasons


def _absent_packages(prop: Property, content: Content) -> dict[str, str]:
    """Return the extensions that are installed but not in the build, by package, with the reason."""
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


def _library_findings(made: Build, document: dict[str, Any]) -> list[Finding]:
    """Make the file of a build of tags; return why there is none."""
    try:
        made.library_text = library_text(document, packages())
    except LibraryProblems as error:
        return list(error.findings)
    return []


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
