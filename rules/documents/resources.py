"""Turns a document's resources into snapshots, in the shape that revisions hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from properties.catalog.registry import find_package, find_type, packages
from properties.models import Environment, Property
from properties.resources.component_settings import settings_as_values
from properties.secrets.credentials import names_in
from rules.publishing.content import Content

from .document_credentials import Credential, Vault, without_credentials
from .reading import COMPONENTS

Described = dict[str, Any]


def described(document: Described) -> Content:
    """Return the content that a document with defaults describes; ``position`` is the index in its list."""
    return Content(
        extensions=_listed(document["extensions"], _extension),
        data_elements=_listed(document["data_elements"], _typed),
        rules=_listed(document["rules"], _rule),
    )


def environments_of(prop: Property) -> dict[str, Environment]:
    """Return the oldest environment of each stage: a document has one per stage."""
    rows = Environment.objects.filter(prop=prop).select_related("datastream", "prop").order_by("-id")
    return {row.stage: row for row in rows}


def with_stored_credentials(
    content: Content, taken: Iterable[str] = ()
) -> tuple[Content, dict[str, Credential]]:
    """Return the content with names instead of plain credentials, and the credentials by name.

    Args:
        taken: Further names that no credential may get.
    """
    every = (*content.extensions, *content.data_elements, *content.rules)
    vault = Vault(taken={*taken, *(name for snapshot in every for name in names_in(snapshot))})
    safe = Content(
        extensions=tuple(_safe_extension(snapshot, vault) for snapshot in content.extensions),
        data_elements=tuple(_safe(snapshot, snapshot["name"], vault) for snapshot in content.data_elements),
        rules=tuple(_safe_rule(snapshot, vault) for snapshot in content.rules),
    )
    return safe, vault.values


def _listed(items: list[Described], describe: Any) -> tuple[Described, ...]:
    return tuple({**describe(item), "position": position} for position, item in enumerate(items))


def _extension(item: Described) -> Described:
    package = packages().get(item["package"])
    settings = settings_as_values(package.configuration if package else None, item["settings"])
    name = package.display_name if package else item["package"]
    return {**item, "display_name": name, "settings": settings}


def _typed(item: Described) -> Described:
    return {**item, "settings": settings_as_values(find_type(item["delegate"]), item["settings"])}


def _rule(item: Described) -> Described:
    return {
        "name": item["name"],
        "enabled": item["enabled"],
        **{kind: [_typed(each) for each in item[kind]] for kind in COMPONENTS},
    }


def _safe_extension(snapshot: Any, vault: Vault) -> Described:
    configuration = packages()[snapshot["package"]].configuration
    if configuration is None:
        return dict(snapshot)
    settings = without_credentials(snapshot["settings"], configuration, snapshot["display_name"], vault)
    return {**snapshot, "settings": settings}


def _safe_rule(snapshot: Any, vault: Vault) -> Described:
    kinds = {k: [_safe(each, snapshot["name"], vault) for each in snapshot[k]] for k in COMPONENTS}
    return {**snapshot, **kinds}


def _safe(snapshot: Any, owner: str, vault: Vault) -> Described:
    component_type, package = find_type(snapshot["delegate"]), find_package(snapshot["delegate"])
    if component_type is None or package is None:
        return dict(snapshot)
    name = f"{owner} / {package.display_name}"
    return {**snapshot, "settings": without_credentials(snapshot["settings"], component_type, name, vault)}
