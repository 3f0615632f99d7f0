"""Applies a property document in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from properties.catalog.tokens import names_set_in, tokens_of
from properties.models import Property
from rules.models import Build
from rules.publishing.build import check, publish_if_changed
from rules.publishing.content import Content
from rules.publishing.libraries import add_all_changed, count_changed, open_library, working_library

from .checking import as_document_problems, beyond, document_problems
from .document_advice import advice_of
from .reading import InvalidDocument, read
from .replaced_delegates import with_our_delegates
from .resources import described, environments_of, with_stored_credentials
from .shapes import DocumentProblem
from .writing import (
    ApplyResult,
    remove_missing,
    write_credentials,
    write_datastreams,
    write_elements,
    write_extensions,
    write_property,
    write_rules,
    write_saved_events,
)

APPLYING = 0x43415041
"""Key of the advisory lock that one ``apply`` holds until its transaction ends."""


@transaction.atomic
def apply_document(document: Any, *, publish: str | None = None, actor: Any = "apply") -> ApplyResult:
    """Create or update the property that a document describes; remove everything that the document lacks.

    Args:
        document: The parsed JSON value.
        publish: Stage of the environment to make it live in, or None.
        actor: The user, or the name of a command.

    Raises:
        InvalidDocument: The document has problems. All of them are listed, and nothing was changed.
    """
    wanted, problems = read(document)
    code = wanted["data_elements"], wanted["rules"]
    with tokens_of(wanted["property"]["platform"], lambda: names_set_in(code)):
        return _apply(document, wanted, problems, publish, actor)


def _apply(
    document: dict[str, Any],
    wanted: dict[str, Any],
    problems: list[DocumentProblem],
    publish: str | None,
    actor: Any,
) -> ApplyResult:
    wanted, warnings = with_our_delegates(wanted)
    wait_for_turn()
    prop = Property.objects.filter(name=wanted["property"]["name"]).first()
    content = described(wanted)
    problems += beyond(document_problems(wanted, content, prop), problems)
    if problems:
        raise InvalidDocument(problems)
    result = _write(wanted, content, prop, actor)
    if "saved_events" in document:  # Older documents do not know them.
        write_saved_events(result, wanted["saved_events"], actor)
    result.warnings = [*warnings, *advice_of(content, result.prop.platform)]
    if publish is not None:
        result.build = _publish(result.prop, content, publish, actor)
    return result


def wait_for_turn() -> None:
    """Apply documents one after the other, so they never mix. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [APPLYING])


def _write(wanted: dict[str, Any], content: Content, prop: Property | None, actor: Any) -> ApplyResult:
    content, values = with_stored_credentials(content)
    result = ApplyResult(write_property(wanted["property"], prop, actor))
    write_credentials(result.prop, values, actor)
    if prop is None:
        result.created.append(f"property {result.prop.name}")
    write_extensions(result, content.extensions, actor)
    write_elements(result, content.data_elements, actor)
    write_rules(result, content.rules, actor)
    remove_missing(result, content, actor)
    write_datastreams(result, wanted["datastreams"], actor)
    return result


def _publish(prop: Property, content: Content, stage: str, actor: Any) -> Build:
    environment = environments_of(prop)[stage]
    problems = as_document_problems(check(prop, environment, content))
    if problems:
        raise InvalidDocument(problems)
    library = open_library(prop)
    if count_changed(prop):
        library = library or working_library(prop, actor)
        add_all_changed(library)
    build = publish_if_changed(prop, library, environment, actor)
    if build.status != Build.Status.SUCCEEDED:
        raise InvalidDocument([DocumentProblem("$", f"{p['where']}: {p['message']}") for p in build.problems])
    return build
