"""The datastreams that the builds of a tags property send to.

An extension names a property of event forwarding in its setting ``forwardingProperty``. A build takes the
datastream of the same stage there. Source: docs/reference/contracts.md, "Tags properties".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from properties.models import Datastream, Environment
from properties.resources.linked_property import SETTING, forwarding_properties

from .build_problems import Finding, place_of
from .content import Content

# Stage → Adobe's key for the datastream of that stage.
KEYS = {
    Environment.Stage.DEVELOPMENT: "developmentEdgeConfigId",
    Environment.Stage.STAGING: "stagingEdgeConfigId",
    Environment.Stage.PRODUCTION: "edgeConfigId",
}
BASE_PATH = "ee"


def with_datastreams(document: dict[str, Any], environment: Environment) -> dict[str, Any]:
    """Return the document of a tags build with the datastream of each extension that names a property."""
    extensions = {
        name: {**each, "settings": _linked(each["settings"], environment)}
        for name, each in document["extensions"].items()
    }
    return {**document, "extensions": extensions}


def link_findings(content: Content, environment: Environment) -> Iterator[Finding]:
    """Yield a problem for each extension that names a property without a datastream for this stage."""
    for index, snapshot in enumerate(content.extensions):
        name = snapshot["settings"].get(SETTING)
        if name and environment.prop.is_tags and _datastream(name, environment.stage) is None:
            place = place_of("extension", snapshot["display_name"], "extensions", snapshot, index)
            yield Finding(place.inside("Forwarding property", f".settings.{SETTING}"), _sentence(name))


def _sentence(name: Any) -> str:
    return f"There is no property of event forwarding “{name}”. Choose one, or enter the ids of datastreams."


def _linked(given: Mapping[str, Any], environment: Environment) -> Mapping[str, Any]:
    name = given.get(SETTING)
    datastream = _datastream(name, environment.stage) if name else None
    if datastream is None:
        return given
    rest = {key: value for key, value in given.items() if key != SETTING}
    return {
        **_edge(),
        **rest,
        KEYS[Environment.Stage(environment.stage)]: datastream.uid,
        **_owner(datastream, rest),
    }


def _edge() -> dict[str, str]:
    """Return where sites reach the event endpoint."""
    parts = urlsplit(settings.TAGS_URL)
    return {"edgeDomain": parts.netloc, "edgeBasePath": f"{parts.path}/{BASE_PATH}".lstrip("/")}


def _owner(datastream: Datastream, given: Mapping[str, Any]) -> dict[str, str]:
    return {} if given.get("orgId") else {"orgId": datastream.web_sdk_org_id}


def _datastream(name: Any, stage: str) -> Datastream | None:
    """Return the datastream of the oldest environment of a stage."""
    found = Datastream.objects.filter(
        environment__prop__in=forwarding_properties().filter(name=str(name)), environment__stage=stage
    )
    return found.select_related("environment__prop").order_by("environment_id").first()
