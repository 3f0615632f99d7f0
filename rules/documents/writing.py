"""Writes the rows of a property as its document describes them. Rows that match stay untouched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects

from properties.audit.differences import differences
from properties.catalog.references import secret_name
from properties.catalog.registry import find_type
from properties.models import (
    DataElement,
    Datastream,
    DatastreamAlias,
    Environment,
    Extension,
    Property,
    Resource,
)
from properties.resources.component_settings import settings_to_keep
from properties.resources.creation import create_property, install
from properties.resources.embedding import Embedding
from properties.saving import (
    ROWS_AT_ONCE,
    create_resources,
    delete_resource,
    record,
    record_code_secrets,
    save_resource,
)
from properties.secrets import credentials
from rules.dry_run.saved_events import delete_saved
from rules.models import Build, Rule, RuleComponent, SavedEvent
from rules.publishing.content import Content, Snapshot

from .document_credentials import Credential, Vault
from .reading import COMPONENTS
from .resources import environments_of
from .shapes import DocumentProblem

ELEMENT_FIELDS = (
    "name",
    "delegate",
    "settings",
    "default_value",
    "clean_text",
    "force_lower_case",
    "storage_duration",
    "enabled",
)
DATASTREAM_FIELDS = (
    "access",
    "allowed_origins",
    "org_id",
    "write_click_cookies",
    "fpid_cookie",
    "tcf_purposes",
    "tcf_vendor",
)
COMPONENT_FIELDS = ("delegate", "name", "settings", "negate", "timeout", "delay_next", "rule_order")


@dataclass(slots=True)
class ApplyResult:
    """The result of ``apply``.

    Args:
        prop: The property as it is now.
        build: The build that the named environment runs now; None without ``publish``.
        created, changed, removed: ``<kind> <name>`` of each resource.
        warnings: Settings that work but are probably not meant.
    """

    prop: Property
    build: Build | None = None
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    warnings: list[DocumentProblem] = field(default_factory=list)

    @property
    def environments(self) -> dict[str, dict[str, str]]:
        """Facts of each stage's environment; if a stage has several, of the oldest one."""
        return {stage: _facts_of(row) for stage, row in environments_of(self.prop).items()}

    def to_json(self) -> dict[str, Any]:
        """Return the public output of the command."""
        return {
            "property_id": self.prop.uid,
            "build_id": self.build.uid if self.build else None,
            "environments": self.environments,
            "created": self.created,
            "changed": self.changed,
            "removed": self.removed,
            "warnings": [warning._asdict() for warning in self.warnings],
        }


def _facts_of(environment: Environment) -> dict[str, str]:
    if environment.prop.is_tags:
        embedding = Embedding(environment)
        return {
            "environment_id": environment.uid,
            "library_url": embedding.url,
            "embed_code": embedding.code,
        }
    return {"environment_id": environment.uid, "datastream_id": environment.datastream.uid}


def write_property(facts: dict[str, Any], prop: Property | None, actor: Any) -> Property:
    facts = {**facts, "default_country": facts["default_country"].lower()}
    could_read = prop is not None and prop.code_reads_secrets
    if prop is None:
        prop = create_property(actor=actor, **facts)
    else:
        _update(prop, facts, actor)
    if prop.code_reads_secrets != could_read:
        record_code_secrets(prop, actor)
    return prop


def _update(prop: Property, facts: dict[str, Any], actor: Any) -> None:
    before = {name: getattr(prop, name) for name in facts}
    if _set(prop, facts):
        prop.save()
        record(prop, "property.updated", prop, actor, **differences(before, facts))


def write_credentials(prop: Property, values: Mapping[str, Credential], actor: Any) -> None:
    """Store the plain-text credentials of a document, for every environment or for the named stages."""
    environments = environments_of(prop)
    for name, value in values.items():
        if isinstance(value, str):
            _store(prop, name, value, None, actor)
            continue
        for stage, of_stage in value.items():
            _store(prop, name, of_stage, environments[stage], actor)
        named = [environments[stage].pk for stage in value]
        prop.secrets.filter(name=name).exclude(environment__in=named).delete()


def _store(prop: Property, name: str, value: str, environment: Environment | None, actor: Any) -> None:
    """Store a credential with its own audit entry: the resource that names it may stay unchanged."""
    earlier = prop.secrets.filter(name=name, environment=environment).first()
    is_new = earlier is None or earlier.value != value
    secret = credentials.store(prop, name, value, environment)
    if is_new:
        where = [environment] if environment else prop.environments.all()
        verb, names = "secret.updated" if earlier else "secret.created", [it.name for it in where]
        record(prop, verb, secret, actor, type=secret.type_of, environments=names)


def write_extensions(result: ApplyResult, snapshots: Iterable[Snapshot], actor: Any) -> None:
    for snapshot in snapshots:
        wanted = {"settings": snapshot["settings"], "enabled": snapshot["enabled"]}
        extension = Extension.objects.filter(prop=result.prop, package_name=snapshot["package"]).first()
        is_new = extension is None
        if extension is None:
            extension = install(result.prop, snapshot["package"], settings=wanted["settings"], actor=actor)
        if _set(extension, wanted):
            save_resource(extension, actor=actor)
            result.changed.append(named(extension))
        elif is_new:
            result.created.append(named(extension))


def write_elements(result: ApplyResult, snapshots: Iterable[Snapshot], actor: Any) -> None:
    existing = {element.name: element for element in DataElement.objects.filter(prop=result.prop)}
    new: list[DataElement] = []
    for snapshot in snapshots:
        wanted = {key: snapshot[key] for key in ELEMENT_FIELDS}
        element = existing.get(snapshot["name"])
        if element is None:
            new.append(DataElement(prop=result.prop, **wanted))
            _note(result, new[-1])
        elif _set(element, wanted):
            _note(result, element)
            save_resource(element, actor=actor)
    create_resources(new, actor=actor)


def write_rules(result: ApplyResult, snapshots: Iterable[Snapshot], actor: Any) -> None:
    rows = Rule.objects.filter(prop=result.prop).prefetch_related("components")
    existing = {rule.name: rule for rule in rows}
    new: list[tuple[Rule, dict[str, list[dict[str, Any]]]]] = []
    for snapshot in snapshots:
        rule, wanted = existing.get(snapshot["name"]), components_of_rule(snapshot)
        if rule is None:
            rule = Rule(prop=result.prop, name=snapshot["name"], enabled=snapshot["enabled"])
            new.append((rule, wanted))
            _note(result, rule)
        elif rule.enabled != snapshot["enabled"] or not is_same(present_components(rule), wanted):
            rule = Rule.objects.get(pk=rule.pk)  # Without the prefetched components: they change now.
            rule.enabled = snapshot["enabled"]
            _note(result, rule)
            save_resource(rule, actor=actor, write=lambda r=rule, w=wanted: _write_components(r, w))  # type: ignore[misc]
    create_resources([rule for rule, _ in new], actor=actor, write=lambda: _write_all_components(new))


def _write_all_components(new: Sequence[tuple[Rule, dict[str, list[dict[str, Any]]]]]) -> None:
    rows = [
        RuleComponent(rule=rule, kind=kind, order=order, **item)
        for rule, wanted in new
        for kind, items in wanted.items()
        for order, item in enumerate(items)
    ]
    RuleComponent.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    prefetch_related_objects([rule for rule, _ in new], "components")


def components_of_rule(snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    """Return the wanted components by kind, in the order in which they run."""
    wanted = {}
    for kind in COMPONENTS:
        numbered = enumerate(snapshot[kind])
        ordered = sorted(numbered, key=lambda pair: pair[0] if pair[1]["order"] is None else pair[1]["order"])
        wanted[kind] = [_component(item) for _, item in ordered]
    return wanted


def _component(item: dict[str, Any]) -> dict[str, Any]:
    kept = settings_to_keep(find_type(item["delegate"]), item["settings"])
    return {key: item[key] for key in COMPONENT_FIELDS if key in item} | {"settings": kept}


def present_components(rule: Rule) -> dict[str, list[dict[str, Any]]]:
    """Return the components that a rule has, in the shape of the wanted ones."""
    snapshot = rule.snapshot()
    return {
        kind: [
            {key: item[key] for key in shape.keys if key in COMPONENT_FIELDS}
            for item in snapshot.get(kind, ())
        ]
        for kind, shape in COMPONENTS.items()
    }


def _write_components(rule: Rule, wanted: dict[str, list[dict[str, Any]]]) -> None:
    """Write components. One with the same delegate reuses the row, which keeps its id."""
    present = list(rule.components.all())
    new: list[RuleComponent] = []
    for kind, items in wanted.items():
        spare = [row for row in present if row.kind == kind]
        for order, item in enumerate(items):
            row = next((c for c in spare if c.delegate == item["delegate"]), None)
            if row is None:
                new.append(RuleComponent(rule=rule, kind=kind, order=order, **item))
                continue
            spare.remove(row)
            if _set(row, {**item, "order": order}):
                row.save()
        for row in spare:
            row.delete()
    RuleComponent.objects.bulk_create(new)


def remove_missing(result: ApplyResult, content: Content, actor: Any) -> None:
    prop = result.prop
    rules = {snapshot["name"] for snapshot in content.rules}
    packages = {snapshot["package"] for snapshot in content.extensions}
    missing: list[Resource] = [
        *Rule.objects.filter(prop=prop).exclude(name__in=rules),
        *DataElement.objects.filter(prop=prop).exclude(name__in=content.element_names()),
        *Extension.objects.filter(prop=prop).exclude(package_name__in=packages),
    ]
    for resource in missing:
        result.removed.append(named(resource))
        delete_resource(resource, actor=actor)


def write_saved_events(result: ApplyResult, wanted: Sequence[Mapping[str, Any]], actor: Any) -> None:
    """Write the saved events; those that the document lacks are removed."""
    existing = {it.name: it for it in result.prop.saved_events.all()}
    for facts in wanted:
        saved = existing.pop(facts["name"], None) or SavedEvent(prop=result.prop, created_by=str(actor))
        is_new = saved.pk is None
        if _set(saved, dict(facts)):
            saved.save()
            (result.created if is_new else result.changed).append(f"saved event {saved.name}")
            record(result.prop, f"saved_event.{'created' if is_new else 'updated'}", saved, actor)
    for saved in existing.values():
        result.removed.append(f"saved event {saved.name}")
        delete_saved(saved, actor)


def write_datastreams(result: ApplyResult, wanted: dict[str, dict[str, Any]], actor: Any) -> None:
    """Write the datastream of each stage. An alias that moves to another stage does not count as removed."""
    before = _aliases(result.prop)
    for stage, environment in {} if result.prop.is_tags else environments_of(result.prop).items():
        _write_datastream(result, environment, wanted[stage], actor)
    result.removed += [f"alias {alias}" for alias in sorted(before - _aliases(result.prop))]


def _write_datastream(
    result: ApplyResult, environment: Environment, wanted: dict[str, Any], actor: Any
) -> None:
    datastream = environment.datastream
    before = {key: getattr(datastream, key) for key in DATASTREAM_FIELDS}
    plain = {key: wanted[key] for key in DATASTREAM_FIELDS}
    changed = _set(datastream, {**plain, "keys": _stored_keys(environment, wanted["keys"])})
    if changed:
        datastream.save()
    aliases = set(datastream.aliases.values_list("alias", flat=True))
    if changed or aliases != set(wanted["aliases"]):
        _write_aliases(datastream, wanted["aliases"])
        result.changed.append(f"datastream {environment.stage}")
        states = differences({**before, "aliases": sorted(aliases)}, {**plain, "aliases": wanted["aliases"]})
        record(result.prop, "datastream.updated", datastream, actor, stage=environment.stage, **states)


def _write_aliases(datastream: Datastream, wanted: list[str]) -> None:
    datastream.aliases.exclude(alias__in=wanted).delete()
    for alias in wanted:
        DatastreamAlias.objects.update_or_create(alias=alias, defaults={"datastream": datastream})


def _aliases(prop: Property) -> set[str]:
    found = DatastreamAlias.objects.filter(datastream__environment__prop=prop)
    return set(found.values_list("alias", flat=True))


def _stored_keys(environment: Environment, keys: list[Any]) -> list[dict[str, str]]:
    vault = Vault(taken=set(credentials.names_in(keys)))
    name = f"Datastream {environment.stage} Key"
    stored = [key if secret_name(key) else vault.take(name, key) for key in keys]
    for taken, value in vault.values.items():
        credentials.store(environment.prop, taken, str(value), environment)
    return stored


def _set(row: Any, wanted: dict[str, Any]) -> bool:
    """Set new values on a row; return whether one of them changed or the row is new."""
    changed = {key: value for key, value in wanted.items() if not is_same(getattr(row, key), value)}
    for key, value in changed.items():
        setattr(row, key, value)
    return bool(changed) or row.pk is None


def is_same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same text. ``1`` is not ``true``, unlike in Python."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _note(result: ApplyResult, resource: Resource) -> None:
    (result.changed if resource.pk else result.created).append(named(resource))


def named(resource: Resource) -> str:
    """Return ``<kind> <name>``, as the commands print it."""
    name = resource.package_name if isinstance(resource, Extension) else resource.display_name
    return f"{resource.kind} {name}"
