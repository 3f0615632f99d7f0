"""Adds the resources of a document to a property. What the property has already never changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from properties.catalog.references import secret_name
from properties.catalog.tokens import tokens_of
from properties.models import DataElement, Extension, Property
from rules.models import Rule

from .applying import wait_for_turn
from .checking import beyond, document_problems
from .exporting import export_document
from .reading import InvalidDocument, read
from .resources import described, with_stored_credentials
from .shapes import DocumentProblem
from .writing import (
    ELEMENT_FIELDS,
    ApplyResult,
    components_of_rule,
    is_same,
    present_components,
    write_credentials,
    write_elements,
    write_extensions,
    write_rules,
)

LISTS = {"extensions": "package", "data_elements": "name", "rules": "name"}
_PLACE = re.compile(rf"\$\.({'|'.join(LISTS)})\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Present:
    """The resources of a document that a property has, by list and name: as described, or otherwise."""

    same: frozenset[tuple[str, str]]
    other: frozenset[tuple[str, str]]


def present_in(prop: Property, document: Mapping[str, Any]) -> Present:
    """Return which resources of a document a property has. Credentials are not compared."""
    with tokens_of(prop.platform):
        found = dict(_compared(prop, described(read(document)[0])))
    return Present(
        frozenset(key for key, is_equal in found.items() if is_equal),
        frozenset(key for key, is_equal in found.items() if not is_equal),
    )


@transaction.atomic
def add_document(document: Mapping[str, Any], prop: Property, *, actor: Any) -> ApplyResult:
    """Create the resources of a document that a property lacks.

    Raises:
        InvalidDocument: One of them has problems in this property. Nothing was created.
    """
    wait_for_turn()
    with tokens_of(prop.platform):
        lacking = _lacking(document, prop)
        if problems := list(_problems(lacking, prop)):
            raise InvalidDocument(problems)
        names = prop.secrets.values_list("name", flat=True)
        content, values = with_stored_credentials(described(read(lacking)[0]), names)
        result = ApplyResult(prop)
        write_credentials(prop, values, actor)
        write_extensions(result, content.extensions, actor)
        write_elements(result, content.data_elements, actor)
        write_rules(result, content.rules, actor)
    return result


def _lacking(document: Mapping[str, Any], prop: Property) -> dict[str, Any]:
    present = present_in(prop, document)
    there = present.same | present.other
    lists = {
        kind: [it for it in document.get(kind, ()) if (kind, it[name]) not in there]
        for kind, name in LISTS.items()
    }
    return {**document, **lists}


def _problems(lacking: Mapping[str, Any], prop: Property) -> Iterator[DocumentProblem]:
    """Yield the problems that the new resources would have beside those that the property has."""
    exported = export_document(prop)
    first = {kind: len(exported[kind]) for kind in LISTS}
    merged = {**exported, **{kind: [*exported[kind], *lacking[kind]] for kind in LISTS}}
    wanted, problems = read(merged)
    problems += beyond(document_problems(wanted, described(wanted), prop), problems)
    for problem in problems:
        place = _PLACE.match(problem.path)
        if place and int(place[2]) >= first[place[1]]:
            yield problem


def _compared(prop: Property, content: Any) -> Iterator[tuple[tuple[str, str], bool]]:
    extensions = {it.package_name: it for it in Extension.objects.filter(prop=prop)}
    for wanted in _named(content.extensions, "package", extensions):
        yield ("extensions", wanted["package"]), _is_set_up(extensions[wanted["package"]], wanted)
    elements = {it.name: it for it in DataElement.objects.filter(prop=prop)}
    for wanted in _named(content.data_elements, "name", elements):
        row = elements[wanted["name"]]
        is_equal = all(is_same(getattr(row, key), wanted[key]) for key in ELEMENT_FIELDS)
        yield ("data_elements", row.name), is_equal
    rules = {it.name: it for it in Rule.objects.filter(prop=prop).prefetch_related("components")}
    for wanted in _named(content.rules, "name", rules):
        rule = rules[wanted["name"]]
        is_equal = rule.enabled and is_same(present_components(rule), components_of_rule(wanted))
        yield ("rules", rule.name), is_equal


def _named(snapshots: Iterable[Any], key: str, rows: Mapping[str, Any]) -> Iterator[Any]:
    return (it for it in snapshots if it[key] in rows)


def _is_set_up(extension: Extension, wanted: Mapping[str, Any]) -> bool:
    given = extension.settings
    return extension.enabled and all(
        secret_name(given.get(key)) is not None or is_same(given.get(key), value)
        for key, value in wanted["settings"].items()
    )
