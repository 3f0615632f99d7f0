"""Warnings about settings that should not stay in production. Every page about events shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from properties.catalog.case_sensitive_fields import letter_case_advice
from properties.catalog.descriptor import ComponentType
from properties.catalog.registry import find_package, find_type
from properties.models import Environment, Property
from rules.models import Activation


def production_warnings(prop: Property) -> list[str]:
    """Return the warnings about the build that production runs."""
    live = Activation.objects.filter(
        environment__prop=prop, environment__stage=Environment.Stage.PRODUCTION
    ).select_related("build")
    now = timezone.now().timestamp()
    documents = [
        json.loads(activation.build.document) for activation in live[:1] if activation.build.document
    ]
    return [warning for document in documents for warning in _of(document, now)]


def _of(document: Mapping[str, Any], now: float) -> Iterator[str]:
    for name, extension in document.get("extensions", {}).items():
        package = find_package(f"{name}::")
        yield from _said(package.configuration if package else None, extension.get("settings"), now)
    elements = document.get("dataElements", {})
    lowered = [name for name, element in elements.items() if element.get("forceLowerCase")]
    for rule in document.get("rules", []):
        for component in (*rule["conditions"], *rule["actions"]):
            kind, settings = find_type(component["modulePath"]), component.get("settings")
            for warning in (*_said(kind, settings, now), *_lost_case(kind, settings, lowered)):
                yield f"Rule “{rule['name']}”: {warning}"


def _lost_case(kind: ComponentType | None, settings: Any, lowered: list[str]) -> Iterator[str]:
    if kind is not None and isinstance(settings, dict):
        for problem in letter_case_advice(kind.fields, settings, lowered):
            yield f"{problem.label}: {problem.message}"


def _said(kind: ComponentType | None, settings: Any, now: float) -> Iterator[str]:
    if kind is not None and kind.standing_warnings is not None and isinstance(settings, dict):
        yield from kind.standing_warnings(settings, now)
