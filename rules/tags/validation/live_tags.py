"""What the live build of a tags environment says: its content, its extensions, and where it sends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q

from properties.models import Environment
from rules.models import Build
from rules.publishing.build import live_build
from rules.publishing.forwarding_links import KEYS
from rules.publishing.web_container import content_of


@dataclass(frozen=True, slots=True)
class LiveTags:
    """The live build of an environment.

    Args:
        content: Checksum of its content, as the library knows it.
        extensions: Package name → settings.
        forwarding: The environment of this server that gets its events; None if there is none.
    """

    build: Build
    content: str
    extensions: Mapping[str, Mapping[str, Any]]
    forwarding: Environment | None


def live_tags(environment: Environment) -> LiveTags | None:
    """Return what an environment runs; None before its first build."""
    build = live_build(environment)
    if build is None:
        return None
    content, extensions = _described(build.pk, build.document)
    found = Environment.objects.filter(_receives(extensions, environment.stage)).select_related("prop")
    return LiveTags(build, content, extensions, found.first())


@lru_cache(maxsize=8)
def _described(build_id: int, text: str) -> tuple[str, Mapping[str, Mapping[str, Any]]]:
    document = json.loads(text)
    settings = {name: it["settings"] or {} for name, it in document["extensions"].items()}
    return content_of(document), settings


def _receives(extensions: Mapping[str, Mapping[str, Any]], stage: str) -> Q:
    ids = list(_datastreams(extensions, stage))
    return Q(datastream__uid__in=ids) | Q(datastream__aliases__alias__in=ids)


def _datastreams(extensions: Mapping[str, Mapping[str, Any]], stage: str) -> Iterator[str]:
    for settings in extensions.values():
        for key in (KEYS[Environment.Stage(stage)], KEYS[Environment.Stage.PRODUCTION]):
            if isinstance(settings.get(key), str) and settings[key]:
                yield settings[key]
                break
