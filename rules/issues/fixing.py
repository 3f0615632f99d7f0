"""Where an issue is mended: the field of an action, the configuration of an extension, a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse

from properties.catalog.registry import find_package
from properties.models import Environment, Property
from rules.models import Issue, RuleComponent

Kind = Issue.Kind


@dataclass(frozen=True, slots=True)
class Fix:
    """The page that mends an issue.

    Args:
        right: What a person needs there.
    """

    url: str
    right: str = "develop"
    label: str = "Fix"


def fix_of(
    prop: Property,
    issue: Any,
    environment: Environment,
    component: RuleComponent | None,
    path: str,
    extensions: Mapping[str, str],
) -> Fix | None:
    """Return the page that mends an issue, None if there is none.

    Args:
        component: The component at fault, if it still exists.
        path: Dotted key of the setting at fault, or "".
        extensions: uid of each installed extension by its package.
    """
    if issue.kind == Kind.FAILED_BUILD:
        return Fix(reverse("rules:build_detail", args=[prop.uid, issue.code]), "view", "Show the build")
    if issue.kind == Kind.SILENT:
        page = reverse("properties:environments", args=[prop.uid])
        return Fix(f"{page}#{environment.uid}", "view", "Check the datastream")
    package = issue.delegate.partition("::")[0]
    if component is None or issue.kind == Kind.ON_HOLD:
        uid = extensions.get(package)
        return Fix(_extension(prop, uid), "manage_extensions", "Check the configuration") if uid else None
    uid = extensions.get(package)
    if uid and _is_left_to_extension(issue.delegate, component, path):
        return Fix(_extension(prop, uid), "manage_extensions")
    return Fix(_editor(prop, component, issue.example_event_id, path))


def _is_left_to_extension(delegate: str, component: RuleComponent, path: str) -> bool:
    """Return whether an action does not set this, such as an access token, so that its extension decides."""
    package = find_package(delegate)
    configuration = package.configuration if package else None
    is_offered = configuration is not None and any(it.key == path for it in configuration.fields)
    return is_offered and not component.settings.get(path)


def _extension(prop: Property, uid: str) -> str:
    return reverse("properties:extension_edit", args=[prop.uid, uid])


def _editor(prop: Property, component: RuleComponent, event_id: int | None, path: str) -> str:
    """Return the address of a component's form, with the failing event beside it and the field in view."""
    page = reverse("rules:component_edit", args=[prop.uid, component.rule.uid, component.uid])
    query = f"?{urlencode({'event': event_id})}" if event_id else ""
    return f"{page}{query}#{quote(field_anchor(path))}" if path else f"{page}{query}"


def field_anchor(path: str) -> str:
    """Return the id of the input of a setting on the form of its component."""
    return f"id_{path}"
