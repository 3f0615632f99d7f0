"""Warnings about settings that should not stay in production."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from properties.catalog.case_sensitive_fields import letter_case_advice
from properties.catalog.descriptor import ComponentType
from properties.catalog.registry import find_package, find_type
from properties.models import Environment, Property
from rules.models import Activation, Build

from .content import components_of

KEPT = 1_024
KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ProductionWarning:
    """One warning, with the place of its cause.

    Args:
        package: The extension whose configuration is the cause; "" if a component is.
    """

    text: str
    rule_uid: str = ""
    component_uid: str = ""
    rule_name: str = ""
    package: str = ""

    def __str__(self) -> str:
        return f"Rule “{self.rule_name}”: {self.text}" if self.rule_name else self.text


# The warnings of a build, by its id, its checksum and the minute.
_kept: OrderedDict[tuple[int, str, int], list[ProductionWarning]] = OrderedDict()


def production_warnings(prop: Property) -> list[str]:
    """Return the warnings about the build that production runs."""
    live = Activation.objects.filter(
        environment__prop=prop, environment__stage=Environment.Stage.PRODUCTION
    ).values_list("build_id", "build__checksum")
    return [str(it) for found in warnings_of(live[:1]).values() for it in found]


def warnings_of(builds: Iterable[tuple[int, str]]) -> dict[int, list[ProductionWarning]]:
    """Return the warnings about some builds, by id of the build. Each is read once a minute.

    Args:
        builds: (id, checksum) of each.
    """
    now = timezone.now().timestamp()
    keys = {pk: (pk, checksum, int(now // KEPT_SECONDS)) for pk, checksum in builds}
    unread = [pk for pk, key in keys.items() if key not in _kept]
    if unread:
        for pk, text in Build.objects.filter(pk__in=unread).values_list("pk", "document"):
            _kept[keys[pk]] = list(_of(json.loads(text), now)) if text else []
    found = {pk: _kept.get(key, []) for pk, key in keys.items()}
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def _of(document: Mapping[str, Any], now: float) -> Iterator[ProductionWarning]:
    for name, extension in document.get("extensions", {}).items():
        package = find_package(f"{name}::")
        configuration = package.configuration if package else None
        for text in _said(configuration, extension.get("settings"), now):
            yield ProductionWarning(text, package=name)
    elements = document.get("dataElements", {})
    lowered = [name for name, element in elements.items() if element.get("forceLowerCase")]
    for rule in document.get("rules", []):
        for component in components_of(rule):
            kind, settings = find_type(component["modulePath"]), component.get("settings")
            for text in (*_said(kind, settings, now), *_lost_case(kind, settings, lowered)):
                yield ProductionWarning(text, rule.get("id", ""), component.get("id", ""), rule["name"])


def _lost_case(kind: ComponentType | None, settings: Any, lowered: list[str]) -> Iterator[str]:
    if kind is not None and isinstance(settings, dict):
        for problem in letter_case_advice(kind.fields, settings, lowered):
            yield f"{problem.label}: {problem.message}"


def _said(kind: ComponentType | None, settings: Any, now: float) -> Iterator[str]:
    if kind is not None and kind.production_warnings is not None and isinstance(settings, dict):
        yield from kind.production_warnings(settings, now)
