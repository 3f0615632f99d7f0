"""Converts Adobe's resources to a property document: maps each delegate and keeps its settings."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from properties.catalog import dotted
from properties.catalog.component_advice import missing_in_code
from properties.catalog.descriptor import ComponentType, Field
from properties.catalog.json_text import with_values
from properties.catalog.registry import packages
from properties.catalog.settings_shape import without_unknown
from properties.catalog.tokens import tokens_in
from properties.models import Property
from properties.resources.creation import DEFAULT_PACKAGES
from properties.resources.linked_property import SETTING
from rules.models import RuleComponent

from ..reading import InvalidDocument, parse
from ..shapes import DocumentProblem
from .delegates import counterpart, counterpart_package, noun_of, why_not
from .import_draft import COMPONENT_KINDS, Described, ImportDraft, empty_document, package_of
from .kept_as_code import CODE_TYPES, KEPT, code_that_keeps
from .listing import AdobeResource, Listing
from .partner_actions import add_data_elements, partner_of, substitute_for

NO_VALUES = "Adobe never exports the values of secrets. Create a secret with this name under Secrets."

EMPTY_TEXT = (
    "“Return an empty string for missing data elements” is for tags. As in Adobe's event forwarding, a "
    "missing value inside text becomes the word null. Give the data element a default value."
)
RULE_ORDER = "Its order among rules is for tags. As in Adobe's event forwarding, rules run side by side."
DEFAULT_RULE_ORDER = 50
SEQUENCE = (
    "The file does not say whether rules run their components in sequence. Here they do, as in Adobe's new "
    "properties. The settings of the property turn it off."
)
ORGANIZATION = (
    "A site with the Web SDK needs it: enter its orgId, such as 0123456789ABCDEF@AdobeOrg, under "
    "Environments, Access. Until then, a visitor counts as new on each first page, and setConsent does not "
    "complete there."
)

_LONGEST_TIMEOUT = 2_147_483_647


def convert(listing: Listing, name: str = "", forwarding: str = "") -> ImportDraft:
    """Return the document of the property in a file, before ``fitting`` makes it valid here.

    Args:
        listing: The content of the file.
        name: Name of the new property; empty for the name in the file.
        forwarding: Name of the property of event forwarding that gets the events of tags; "" for none.

    Raises:
        InvalidDocument: There is no name, or two data elements have the same name.
    """
    draft = ImportDraft(empty_document(_property(listing, name)))
    if not draft.is_tags:
        _report_settings_without_effect(draft, listing)
    elif not listing.of("properties"):
        draft.report.adapt("property", draft.document["property"]["name"], SEQUENCE)
    _refuse_doubles(listing.of("data_elements"))
    draft.names_by_id.update((it.origin_uid, it.name) for it in listing.of("data_elements"))
    for extension in listing.of("extensions"):
        _add_extension(draft, _linked(extension, draft.platform, forwarding))
    for element in listing.of("data_elements"):
        _add_element(draft, element)
    for rule in listing.of("rules"):
        _add_rule(draft, rule, listing.components_of(rule), _configurations(listing))
    _add_missing_extensions(draft)
    _name_leftovers(draft, listing)
    if not draft.is_tags:
        draft.report.adapt("datastream", "Organization ID", ORGANIZATION)
    return draft


def _property(listing: Listing, name: str) -> Described:
    found = next(iter(listing.of("properties")), None)
    wanted = name.strip() or (found.name if found else "")
    if not wanted:
        message = "The file has no property, so the new one needs a name."
        raise InvalidDocument([DocumentProblem("$.name", message)])
    domains = found.attributes.get("domains") if found else None
    texts = [each for each in domains if isinstance(each, str)] if isinstance(domains, list) else []
    facts = {"name": wanted, "platform": listing.platform, "domains": texts}
    return facts | (_switches(found) if listing.platform == Property.Platform.WEB else {})


def _switches(found: AdobeResource | None) -> Described:
    """Return the settings of the engine in browsers."""
    given = found.attributes if found else {}
    return {
        "rule_component_sequencing_enabled": given.get("rule_component_sequencing_enabled") is not False,
        "undefined_vars_return_empty": given.get("undefined_vars_return_empty") is True,
    }


def _report_settings_without_effect(draft: ImportDraft, listing: Listing) -> None:
    """Report the settings that have an effect in tags only: Adobe's event forwarding ignores them, too.

    Source: @adobe/reactor-turbine-edge 3.0.1 runs all rules side by side, and writes null inside text.
    """
    for prop in listing.of("properties"):
        if prop.attributes.get("undefined_vars_return_empty") is True:
            draft.report.adapt("property", prop.name, EMPTY_TEXT)
    for rule in listing.of("rules"):
        orders = {each.attributes.get("rule_order") for each in listing.components_of(rule)}
        if orders - {None, DEFAULT_RULE_ORDER}:
            draft.report.adapt("rule", rule.name, RULE_ORDER)


def _refuse_doubles(elements: Iterable[AdobeResource]) -> None:
    elements = list(elements)
    counts = Counter(element.name for element in elements)
    problems = [
        DocumentProblem(f"{each.path}.attributes.name", f"Two data elements are called “{each.name}”.")
        for each in elements
        if counts[each.name] > 1
    ]
    if problems:
        raise InvalidDocument(problems)


def _add_extension(draft: ImportDraft, extension: AdobeResource) -> None:
    package = counterpart_package(extension.name, draft.platform)
    title = str(extension.attributes.get("display_name") or extension.name)
    if package is None and not draft.is_tags and (partner := partner_of(extension.name)):
        note = f"Its actions become calls to {partner} by the Cloud Connector, with its configuration."
        draft.report.adapt("extension", title, note)
        return
    if package is None:
        draft.report.skip("extension", title, f"There is no package for “{extension.name}” here.")
        return
    if package.name in {known["package"] for known in draft.extensions}:
        draft.report.skip("extension", title, "The file lists it twice. The first one was used.")
        return
    if package.name != extension.name and package.display_name != title:
        draft.report.adapt("extension", title, f"It is {package.display_name} here.")
    settings: Described = {}
    if package.configuration is not None:
        adopted = _settings(draft, extension, package.configuration, ("extension", title))
        settings = adopted or {}
    draft.extensions.append({"package": package.name, "settings": settings, "enabled": extension.enabled})


def _linked(extension: AdobeResource, platform: str, forwarding: str) -> AdobeResource:
    """Return an extension of Adobe's whose settings name the property that gets its events, if it has one."""
    package = counterpart_package(extension.name, platform)
    fields = package.configuration.fields if package and package.configuration else ()
    settings = _read(extension.attributes.get("settings"))
    if not forwarding or settings is None or SETTING not in {spec.key for spec in fields}:
        return extension
    attributes = {**extension.attributes, "settings": {**settings, SETTING: forwarding}}
    return dataclasses.replace(extension, attributes=attributes)


def _add_element(draft: ImportDraft, element: AdobeResource) -> None:
    found = counterpart(element.delegate, draft.platform)
    at_adobe = element.delegate, element.attributes.get("settings")
    if found is None or found[1].kind != "dataElements":
        draft.add_empty(element.name, _kept(draft, why_not(element.delegate, draft.platform)), *at_adobe)
        return
    delegate, component_type = found
    settings = _settings(draft, element, component_type, ("data element", element.name))
    if settings is None:
        draft.add_empty(element.name, _kept(draft, "Its settings are not a JSON object."), *at_adobe)
        return
    attributes = element.attributes
    duration = attributes.get("storage_duration")
    if duration and not draft.is_tags:
        draft.report.adapt("data element", element.name, "Storage duration is for tags. It was left out.")
    missing = list(missing_in_code(component_type, settings))
    for problem in missing:
        draft.report.disable("data element", element.name, f"It cannot run here. {problem.message}")
    draft.elements.append(
        {
            "name": element.name,
            "delegate": delegate,
            "settings": settings,
            "default_value": attributes.get("default_value"),
            "clean_text": attributes.get("clean_text") is True,
            "force_lower_case": attributes.get("force_lower_case") is True,
            "enabled": element.enabled and not missing,
            **({"storage_duration": duration} if duration and draft.is_tags else {}),
        }
    )


def _kept(draft: ImportDraft, reason: str) -> str:
    """Return a reason, with the place of the settings if they are kept."""
    return f"{reason} {KEPT}" if draft.is_tags else reason


def _configurations(listing: Listing) -> dict[str, Described]:
    """Return the settings of the extensions in the file, by package name."""
    return {each.name: _read(each.attributes.get("settings")) or {} for each in listing.of("extensions")}


def _add_rule(
    draft: ImportDraft,
    rule: AdobeResource,
    components: Iterable[AdobeResource],
    configurations: Mapping[str, Described],
) -> None:
    name = _free_name(rule.name, {known["name"] for known in draft.rules})
    if name != rule.name:
        draft.report.adapt("rule", rule.name, f"Another rule has this name, so it is called “{name}”.")
    kinds: Described = {kind: [] for kind in COMPONENT_KINDS if kind != "events" or draft.is_tags}
    described: Described = {"name": name, "enabled": rule.enabled, **kinds}
    draft.rules.append(described)
    for component in components:
        if not draft.is_tags and substitute_for(component.delegate):
            _carry(draft, described, component, configurations)
        else:
            _add_component(draft, described, component, configurations)


def _carry(
    draft: ImportDraft, rule: Described, component: AdobeResource, configurations: Mapping[str, Described]
) -> None:
    """Replace a partner's action by one of ours that makes its request; the rule waits for the credential."""
    found, settings = substitute_for(component.delegate), _read(component.attributes.get("settings"))
    name = component.name or component.delegate
    if found is None or settings is None:
        draft.report.skip("action", name, "Its settings are not a JSON object.", rule["name"])
        draft.disable(rule, f"The action “{name}” is missing.")
        return
    delegate, action, substitute = found
    carried = substitute.carried(settings, configurations.get(component.delegate.partition("::")[0], {}))
    kept = add_data_elements(draft, carried)
    rule["actions"].append(_described(component, "actions", delegate, kept))
    note = f"It became a call to {substitute.title} by {action.title}: {kept['method']} {kept['url']}."
    draft.report.adapt("action", name, note, rule["name"])
    for credential in carried.credentials:
        draft.disable(rule, f"“{name}” needs a credential. {_add_credential(credential)}")
    for sentence in carried.missing or ("check the call that it became, then enable the rule.",):
        draft.disable(rule, f"“{name}”: {sentence}")


def _add_credential(name: str) -> str:
    return f"Create the secret “{name}” under Secrets, and enable the data element that reads it."


def _add_component(
    draft: ImportDraft, rule: Described, component: AdobeResource, configurations: Mapping[str, Described]
) -> None:
    noun = noun_of(component.delegate)
    name = component.name or component.delegate
    found = counterpart(component.delegate, draft.platform)
    settings = None
    reason = why_not(component.delegate, draft.platform)
    if found is not None and found[1].kind in rule:
        settings = _settings(draft, component, found[1], (noun, name), rule["name"])
        reason = "Its settings are not a JSON object."
    if found is None or settings is None:
        _keep(draft, rule, component, reason)
        return
    delegate, component_type = found
    made = _described(component, component_type.kind, delegate, settings)
    rule[component_type.kind].append(made)
    _report_rule_order(draft, rule, component, made)
    for sentence in component_type.lacks(settings) if component_type.lacks else ():
        draft.report.skip(noun, name, sentence, rule["name"])
        draft.disable(rule, f"“{name}” is not complete. {sentence}")
    for sentence in _hindrances(component_type, component, configurations):
        draft.disable(rule, f"“{name}” cannot run as it did. {sentence}")
    for problem in missing_in_code(component_type, settings):
        draft.disable(rule, f"“{name}” cannot run here. {problem.message}")


def _hindrances(
    component_type: ComponentType, component: AdobeResource, configurations: Mapping[str, Described]
) -> Iterable[str]:
    if component_type.hinders is None:
        return ()
    configuration = configurations.get(package_of(component.delegate), {})
    return component_type.hinders(_read(component.attributes.get("settings")) or {}, configuration)


def _keep(draft: ImportDraft, rule: Described, component: AdobeResource, reason: str) -> None:
    """Report a component that is not imported. In tags, code in its place keeps its settings."""
    noun, kind = noun_of(component.delegate), component.kind_of_delegate
    name = component.name or component.delegate
    draft.report.skip(noun, name, _kept(draft, reason), rule["name"])
    draft.disable(rule, f"The {noun} “{name}” is missing.")
    if draft.is_tags and kind in rule:
        code = code_that_keeps(kind, component.delegate, component.attributes.get("settings") or {})
        rule[kind].append(_described(component, kind, CODE_TYPES[kind], {"source": code}))
        draft.kept.add(id(rule[kind][-1]))


def _report_rule_order(
    draft: ImportDraft, rule: Described, component: AdobeResource, made: Described
) -> None:
    given = component.attributes.get("rule_order")
    if "rule_order" in made and given is not None and made["rule_order"] != given:
        name = component.name or component.delegate
        note = f"Its order {given} became {made['rule_order']}: orders are whole numbers here."
        draft.report.adapt("event", name, note, rule["name"])


def _described(component: AdobeResource, kind: str, delegate: str, settings: Described) -> Described:
    attributes = component.attributes
    described: Described = {"delegate": delegate, "name": component.name, "settings": settings}
    if kind == "events":
        return described | {"rule_order": _rule_order(attributes.get("rule_order"))}
    described |= {
        "timeout": _timeout(attributes.get("timeout")),
        "delay_next": attributes.get("delay_next") is not False,
    }
    return described | ({"negate": attributes.get("negate") is True} if kind == "conditions" else {})


def _rule_order(value: Any) -> int:
    """Return the order of a rule as a whole number, or the default for a value that is no order."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return DEFAULT_RULE_ORDER
    return min(max(round(value), RuleComponent.LEAST_RULE_ORDER), RuleComponent.MOST_RULE_ORDER)


def _timeout(value: Any) -> int:
    """Return the timeout, or the default for a value that the form would refuse."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 1 <= value <= _LONGEST_TIMEOUT else 2000


def _settings(
    draft: ImportDraft,
    resource: AdobeResource,
    component_type: ComponentType,
    who: tuple[str, str],
    rule: str = "",
) -> Described | None:
    """Return the settings as our type accepts them, or None if Adobe's cannot be read."""
    settings = _read(resource.attributes.get("settings"))
    if settings is None:
        return None
    settings = _with_booleans(settings, component_type)
    settings = draft.with_element_names(settings, component_type.element_ids)
    adopt = component_type.adopt_as.get(resource.delegate, component_type.adopt)
    if adopt is not None:
        settings, notes = adopt(settings)
        for note in notes:
            draft.report.adapt(*who, note, rule)
    settings = _with_values(draft, settings, component_type, who, rule)
    settings, unknown = without_unknown(component_type.fields, settings)
    for name in unknown:
        draft.report.skip(*who, f"The setting “{name}” is unknown here. It was left out.", rule)
    for spec in component_type.fields:
        value = settings.get(spec.key)
        if spec.type == "secret" and isinstance(value, str) and value and not value.startswith("{{"):
            draft.report.adapt(*who, f"{spec.label}: stored encrypted, under its own name.", rule)
        for name in sorted(tokens_in(value)) if spec.type == "code" and not draft.is_tags else ():
            note = f"Its code has {{{{{name}}}}}, which is text here: write getDataElementValue('{name}')."
            draft.report.adapt(*who, note, rule)
        if spec.type == "stored_secret":
            _name_secret(draft, settings, spec)
    return settings


def _with_values(
    draft: ImportDraft, settings: Described, component_type: ComponentType, who: tuple[str, str], rule: str
) -> Described:
    """Replace the JSON text that Adobe's forms save by objects and lists."""
    read: Described = with_values(component_type.fields, settings)
    for spec in component_type.fields:
        if isinstance(settings.get(spec.key), str) and not isinstance(read[spec.key], str):
            noun = "an object" if isinstance(read[spec.key], dict) else "a list"
            draft.report.adapt(*who, f"{spec.label}: the JSON text became {noun}.", rule)
    return read


def _name_secret(draft: ImportDraft, settings: Described, spec: Field) -> None:
    """Keep the name of a secret without its id at Adobe. Its value is never exported."""
    name = dotted.get(settings, f"{spec.key}.name")
    if isinstance(name, str) and name:
        dotted.put(settings, spec.key, {"name": name})
        draft.report.skip("secret", name, NO_VALUES)


def _read(settings: Any) -> Described | None:
    """Return the object in the API's JSON text; an absent text means no settings."""
    if settings is None or settings == "":
        return {}
    if isinstance(settings, str):
        try:
            settings = parse(settings)
        except InvalidDocument:
            return None
    return settings if isinstance(settings, dict) else None


def _with_booleans(settings: Mapping[str, Any], component_type: ComponentType) -> Described:
    """Replace the texts “true” and “false” by booleans in check box fields."""
    boxes = {spec.key for spec in component_type.fields if spec.type == "boolean"}
    words = {"true": True, "false": False}
    return {
        key: words.get(value, value) if key in boxes and isinstance(value, str) else value
        for key, value in settings.items()
    }


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _add_missing_extensions(draft: ImportDraft) -> None:
    """Add Core, and the packages of components whose extension the file lacks."""
    delegates = [element["delegate"] for element in draft.elements]
    delegates += [component["delegate"] for _, _, component in draft.components()]
    known = {extension["package"] for extension in draft.extensions}
    for name in dict.fromkeys([DEFAULT_PACKAGES[draft.platform], *map(package_of, delegates)]):
        if name not in known:
            draft.extensions.append({"package": name, "settings": {}, "enabled": True})
            if packages()[name].configuration is not None:
                title = packages()[name].display_name
                draft.report.adapt("extension", title, "The file lacks it, so its configuration is empty.")


def _name_leftovers(draft: ImportDraft, listing: Listing) -> None:
    rules = {rule.origin_uid for rule in listing.of("rules")}
    for component in listing.of("rule_components"):
        if not listing.rules_of(component) & rules:
            name = component.name or component.delegate
            draft.report.skip(noun_of(component.delegate), name, "Its rule is not in the file.")
    for secret in listing.of("secrets"):
        draft.report.skip("secret", secret.name, NO_VALUES)
    for resource in listing.resources:
        if resource.is_deleted and resource.kind in ("extensions", "data_elements", "rules"):
            noun = resource.kind.removesuffix("s").replace("_", " ")
            draft.report.skip(noun, resource.name, "It was deleted at Adobe.")
