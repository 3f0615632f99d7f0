"""Checks of a document that go beyond its shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from properties.catalog.references import secret_name
from properties.catalog.tokens import delimiters
from properties.models import Datastream, DatastreamAlias, Property, Secret
from properties.secrets.belonging import Belonging
from properties.views.property_forms import country_choices
from rules.dry_run.samples import NoSample, pasted_event
from rules.publishing.build_problems import Finding, Surroundings, problems_of
from rules.publishing.check_cache import RememberingCheck
from rules.publishing.content import Content

from .shapes import DocumentProblem, name_of


def document_problems(
    document: dict[str, Any], content: Content, prop: Property | None
) -> list[DocumentProblem]:
    """Return the problems of property, resources and datastreams, in the order of the document."""
    secrets = secret_names(prop)
    belonging = Belonging(prop)
    platform = prop.platform if prop else document["property"]["platform"]
    surroundings = Surroundings(
        check=RememberingCheck(), secrets=secrets, misplaced=belonging.problems, platform=platform
    )
    return [
        *_property_problems(document["property"], prop),
        *_element_problems(document["data_elements"], platform),
        *as_document_problems(problems_of(content, surroundings)),
        *_saved_event_problems(document["saved_events"]),
        *_datastream_problems(document["datastreams"], prop, belonging),
    ]


def as_document_problems(findings: Iterable[Finding]) -> list[DocumentProblem]:
    """Return findings by JSON path, with the field's label before the message."""
    return [DocumentProblem(finding.place.path, _sentence(finding)) for finding in findings]


def beyond(problems: Iterable[DocumentProblem], known: Iterable[DocumentProblem]) -> list[DocumentProblem]:
    """Return the problems at places without a known problem: a missing name is not also a wrong one."""
    paths = {problem.path for problem in known}
    return [p for p in problems if not any(_is_inside(p.path, path) for path in paths)]


def secret_names(prop: Property | None) -> set[str]:
    """Return the names of the secrets that a document of this property may refer to."""
    return set(Secret.objects.filter(prop=prop).values_list("name", flat=True)) if prop else set()


def _sentence(finding: Finding) -> str:
    label = finding.place.labels[-1]
    is_field = len(finding.place.labels) > 1 and "“" not in label
    return f"{label}: {finding.message}" if is_field else finding.message


def _is_inside(path: str, outer: str) -> bool:
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _property_problems(described: dict[str, Any], prop: Property | None) -> Iterator[DocumentProblem]:
    if prop is not None and described["platform"] != prop.platform:
        message = f"The property “{prop.name}” is for {prop.platform}. Its platform cannot be changed."
        yield DocumentProblem("$.property.platform", message)
    country = described["default_country"].lower()
    if country not in dict(country_choices()):
        message = f"“{country}” is not a country of ISO 3166-1, such as de or gb."
        yield DocumentProblem("$.property.default_country", message)


def _element_problems(described: list[dict[str, Any]], platform: str) -> Iterator[DocumentProblem]:
    for index, element in enumerate(described):
        path = f"$.data_elements[{index}]"
        if refusal := delimiters().refusal(element["name"]):
            yield DocumentProblem(f"{path}.name", refusal)
        if element["storage_duration"] and platform != Property.Platform.WEB:
            message = "Only tags keep values: a property of event forwarding has no storage duration."
            yield DocumentProblem(f"{path}.storage_duration", message)


def _saved_event_problems(described: list[dict[str, Any]]) -> Iterator[DocumentProblem]:
    names = [event["name"] for event in described]
    for index, event in enumerate(described):
        path = f"$.saved_events[{index}]"
        if event["name"] in names[:index]:
            yield DocumentProblem(f"{path}.name", f"Another saved event is called “{event['name']}”.")
        try:
            pasted_event(json.dumps({"xdm": event["xdm"], "data": event["data"]}))
        except NoSample as error:
            yield DocumentProblem(path, str(error))


def _datastream_problems(
    described: dict[str, Any], prop: Property | None, belonging: Belonging
) -> Iterator[DocumentProblem]:
    met: dict[str, str] = {}
    for stage, datastream in described.items():
        path = f"$.datastreams.{stage}"
        yield from _key_problems(datastream, path, stage, belonging)
        for index, alias in enumerate(datastream["aliases"]):
            if _is_taken(alias, stage, prop) or met.setdefault(alias, stage) != stage:
                message = f"“{alias}” already names another datastream. Aliases must be unique."
                yield DocumentProblem(f"{path}.aliases[{index}]", message)
        if len(set(datastream["aliases"])) < len(datastream["aliases"]):
            yield DocumentProblem(f"{path}.aliases", "One alias is listed twice.")


def _key_problems(
    datastream: dict[str, Any], path: str, stage: str, belonging: Belonging
) -> Iterator[DocumentProblem]:
    if datastream["access"] == Datastream.Access.KEY and not datastream["keys"]:
        yield DocumentProblem(f"{path}.keys", "Access “key” needs at least one key.")
    for index, key in enumerate(datastream["keys"]):
        name = secret_name(key)
        at = f"{path}.keys[{index}]"
        if name is None and not (isinstance(key, str) and key.strip()):
            yield DocumentProblem(at, f"A key must be text or the name of a secret, not {name_of(key)}.")
        elif name is not None and name not in belonging.rows:
            yield DocumentProblem(at, f"There is no stored credential “{name}”.")
        elif name is not None and (why := belonging.refusal_at(name, stage)):
            yield DocumentProblem(at, why)


def _is_taken(alias: str, stage: str, prop: Property | None) -> bool:
    if Datastream.objects.filter(uid=alias).exists():
        return True
    taken = DatastreamAlias.objects.filter(alias=alias)
    if prop is not None:
        taken = taken.exclude(datastream__environment__prop=prop)
    return taken.exists()
