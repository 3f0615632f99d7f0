"""Reads an export of Adobe's Reactor API as resources by kind.

The API answers with pages of JSON:API documents: one list per kind, and one list of rule components per rule.
People combine them in different ways, so resources are found anywhere: under keys by kind, in ``data`` and
``included``, in plain lists, below their rule or below its id.

Source: Adobe, Reactor API, endpoints extensions, data_elements, rules, rule_components.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from properties.models import Property

from ..reading import FORMAT, InvalidDocument, parse
from ..shapes import DocumentProblem, join, name_of
from .missing_pages import missing_pages

MOST_BYTES = 5 * 1024 * 1024
KINDS = ("properties", "extensions", "data_elements", "rules", "rule_components", "secrets")

PLATFORMS = (Property.Platform.EDGE.value, Property.Platform.WEB.value)

_DEEPEST = 32
_RULE_ID = re.compile("RL[0-9a-f]{32}")
_NEEDED = {
    "properties": ("name",),
    "extensions": ("name",),
    "data_elements": ("name", "delegate_descriptor_id"),
    "rules": ("name",),
    "rule_components": ("delegate_descriptor_id",),
    "secrets": ("name",),
}


@dataclass(frozen=True, slots=True)
class AdobeResource:
    """One resource as the API lists it.

    Args:
        uid: Id such as ``DE…``.
        path: Its place in the file.
        rule_uids: Rules that a rule component belongs to.
        origin_uid: Id of the working copy; the resource's own id, unless it is a frozen revision.
        property_uid: Id of the property that owns it; "" if the file does not have it.
    """

    uid: str
    kind: str
    path: str
    attributes: Mapping[str, Any]
    rule_uids: tuple[str, ...]
    origin_uid: str
    property_uid: str
    is_deleted: bool

    @property
    def name(self) -> str:
        name = self.attributes.get("name")
        return name.strip() if isinstance(name, str) else ""

    @property
    def delegate(self) -> str:
        return str(self.attributes.get("delegate_descriptor_id") or "")

    @property
    def kind_of_delegate(self) -> str:
        """Return ``actions`` for ``core::actions::custom-code``."""
        return self.delegate.split("::")[1] if "::" in self.delegate else ""

    @property
    def revision_number(self) -> int:
        number = self.attributes.get("revision_number")
        return number if isinstance(number, int) else 0

    @property
    def enabled(self) -> bool:
        return self.attributes.get("enabled") is not False


@dataclass
class Listing:
    """The content of a file: one resource of each origin, the working copy if the file has it."""

    resources: list[AdobeResource] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """Return the platform of the property, ``edge`` or ``web``: only rules of tags have events."""
        for prop in self.of("properties"):
            return str(prop.attributes.get("platform") or PLATFORMS[0])
        has_events = any(each.kind_of_delegate == "events" for each in self.of("rule_components"))
        return PLATFORMS[1] if has_events else PLATFORMS[0]

    def of(self, kind: str) -> list[AdobeResource]:
        return [each for each in self.resources if each.kind == kind and not each.is_deleted]

    def components_of(self, rule: AdobeResource) -> list[AdobeResource]:
        """Return the components of a rule in the order in which they run.

        If the file has the working copy of the rule, components of its frozen revisions only are left out:
        they were removed since.
        """
        mine = self._components.get(rule.origin_uid, [])
        if rule.uid == rule.origin_uid:
            mine = [each for each in mine if rule.uid in each.rule_uids]
        return sorted(mine, key=_order)

    @cached_property
    def _components(self) -> dict[str, list[AdobeResource]]:
        """Components by the origin of their rules."""
        found: dict[str, list[AdobeResource]] = {}
        for component in self.of("rule_components"):
            for origin in self.rules_of(component):
                found.setdefault(origin, []).append(component)
        return found

    def rules_of(self, component: AdobeResource) -> set[str]:
        """Return the origin ids of the rules that a component belongs to."""
        return {self.origins.get(uid, uid) for uid in component.rule_uids}


def read_listing(content: bytes) -> Listing:
    """Return the resources in the content of a file.

    Raises:
        InvalidDocument: The file is too large, is not JSON, or is not an export of one property.
    """
    if len(content) > MOST_BYTES:
        raise InvalidDocument([DocumentProblem("$", "The file is larger than the limit of 5 MB.")])
    if content.lstrip()[:1] == b"<":
        message = "This is a web page, not JSON. Save the answer of the Reactor API."
        raise InvalidDocument([DocumentProblem("$", message)])
    value = parse(content)
    problems: list[DocumentProblem] = []
    found = {each.uid: each for each in _resources(value, "$", (), problems)}
    if not found and not problems:
        problems.append(DocumentProblem("$", _nothing_found(value)))
    listing = _newest(found.values())
    problems += [*_property_problems(listing), *_orphan_problems(listing), *missing_pages(value)]
    if problems:
        raise InvalidDocument(problems)
    return listing


def _resources(
    value: Any, path: str, rules: tuple[str, ...], problems: list[DocumentProblem]
) -> Iterator[AdobeResource]:
    """Yield every resource at or below ``value``; ``rules`` is the rule around it."""
    if path.count(".") + path.count("[") > _DEEPEST:
        problems.append(DocumentProblem(path, "This is nested too deeply."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _resources(inner, f"{path}[{index}]", rules, problems)
    elif isinstance(value, dict):
        if _is_resource(value):
            yield from _resource(value, path, rules, problems)
            rules = (value["id"],) if value["type"] == "rules" else rules
        for key, inner in value.items():
            if key not in ("attributes", "relationships", "links", "meta"):
                around = (key,) if _RULE_ID.fullmatch(key) else rules
                yield from _resources(inner, join(path, key), around, problems)


def _is_resource(value: Mapping[str, Any]) -> bool:
    return value.get("type") in KINDS and isinstance(value.get("id"), str) and "attributes" in value


def _resource(
    value: Mapping[str, Any], path: str, rules: tuple[str, ...], problems: list[DocumentProblem]
) -> Iterator[AdobeResource]:
    kind, attributes = value["type"], value["attributes"]
    if not isinstance(attributes, dict):
        message = f"This must be an object, not {name_of(attributes)}."
        problems.append(DocumentProblem(f"{path}.attributes", message))
        return
    for key in _NEEDED[kind]:
        text = attributes.get(key)
        if not isinstance(text, str) or not text.strip():
            message = f"“{key}” must be text that is not empty."
            problems.append(DocumentProblem(f"{path}.attributes.{key}", message))
    yield AdobeResource(
        uid=value["id"],
        kind=kind,
        path=path,
        attributes=attributes,
        rule_uids=_rule_uids(value) or rules,
        origin_uid=next(iter(_related(value, "origin")), value["id"]),
        property_uid=next(iter(_related(value, "property")), ""),
        is_deleted=bool(attributes.get("deleted_at") or _object(value.get("meta")).get("deleted_at")),
    )


def _rule_uids(value: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the rule ids from the relationship, or from the key ``rule_id`` that some scripts add."""
    added = (value.get("rule_id"), _object(value["attributes"]).get("rule_id"))
    return _related(value, "rules") or tuple(each for each in added if isinstance(each, str))[:1]


def _related(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    data = _object(_object(value.get("relationships")).get(name)).get("data")
    items = data if isinstance(data, list) else [data]
    uids = (_object(item).get("id") for item in items)
    return tuple(uid for uid in uids if isinstance(uid, str))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _newest(found: Any) -> Listing:
    """Keep one resource of each origin: the working copy (revision 0), else the latest revision."""
    chosen: dict[str, AdobeResource] = {}
    listing = Listing()
    for each in found:
        listing.origins[each.uid] = each.origin_uid
        other = chosen.get(each.origin_uid)
        if other is None or each.revision_number == 0 or 0 < other.revision_number < each.revision_number:
            chosen[each.origin_uid] = each
    listing.resources = list(chosen.values())
    return listing


def _nothing_found(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("errors"), list):
        return "This is an error of the Reactor API, not a list. Ask again with a valid access token."
    if isinstance(value, dict) and value.get("format") == FORMAT:
        return "This is a property document of this product, not an export from Adobe. Use “apply” for it."
    if isinstance(value, dict) and {"dataElements", "buildInfo"} & value.keys():
        return "This is a built library. Use the lists of the Reactor API for the property instead."
    return (
        "This file has no resources from Adobe. It should hold the Reactor API's lists for a property: "
        "extensions, data_elements, rules and rule_components."
    )


def _property_problems(listing: Listing) -> Iterator[DocumentProblem]:
    owners = {each.property_uid for each in listing.resources if each.property_uid}
    owners |= {each.uid for each in listing.of("properties")}
    if len(owners) > 1:
        message = f"The file has resources of {len(owners)} properties; import one property at a time."
        yield DocumentProblem("$", message)
    for prop in listing.of("properties"):
        if (platform := prop.attributes.get("platform", "edge")) not in PLATFORMS:
            message = (
                f"“{prop.name}” is a property for {platform}. Choose one for tags (platform web) or event "
                "forwarding (platform edge)."
            )
            yield DocumentProblem(f"{prop.path}.attributes.platform", message)


def _orphan_problems(listing: Listing) -> Iterator[DocumentProblem]:
    for component in listing.of("rule_components"):
        if not component.rule_uids:
            message = (
                "The file does not say to which rule this component belongs. The API lists components rule "
                "by rule: put each list under the id of its rule, "
                'as {"rule_components": {"RL…": {"data": […]}}}.'
            )
            yield DocumentProblem(component.path, message)


def _order(component: AdobeResource) -> float:
    order = component.attributes.get("order")
    return order if isinstance(order, int | float) and not isinstance(order, bool) else 0
