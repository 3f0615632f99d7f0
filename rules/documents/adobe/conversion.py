"""Converts Adobe's resources to a property document: maps each delegate and keeps its settings."""

from __future__ import annotations

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
from properties.resources.creation import DEFAULT_PACKAGE

from ..reading import InvalidDocument, parse
from ..shapes import DocumentProblem
from .delegates import counterpart, counterpart_package, noun_of, why_not
from .import_draft import COMPONENT_KINDS, Described, ImportDraft, empty_document, package_of
from .listing import AdobeResource, Listing
from .partner_actions import add_data_elements, partner_of, substitute_for

NO_VALUES = "Adobe never exports the values of secrets. Create a secret with this name under Secrets."

EMPTY_TEXT = (
    "“Return an empty string for missing data elements” is for tags. As in Adobe's event forwarding, a "
    "missing value inside text becomes the word null. Give the data element a default value."
)
RULE_ORDER = "Its order among rules is for tags. As in Adobe's event forwarding, rules run side by side."
DEFAULT_RULE_ORDER = 50
ORGANIZATION = (
    "A site with the Web SDK needs it: enter its orgId, such as 0123456789ABCDEF@AdobeOrg, under "
    "Environments, Access. Until then, a visitor counts as new on each first page, and setConsent does not "
    "complete there."
)

_LONGEST_TIMEOUT = 2_147_483_647


def convert(listing: Listing, name: str = "") -> ImportDraft:
    """Return the document of the property in a file, before ``fitting`` makes it valid here.

    Args:
        listing: The content of the file.
        name: Name of the new property; empty for the name in the file.

    Raises:
        InvalidDocument: There is no name, or two data elements have the same name.
    """
    draft = ImportDraft(empty_document(_property(listing, name)))
    _report_settings_without_effect(draft, listing)
    _refuse_doubles(listing.of("data_elements"))
    for extension in listing.of("extensions"):
        _add_extension(draft, extension)
    for element in listing.of("data_elements"):
        _add_element(draft, element)
    for rule in listing.of("rules"):
        _add_rule(draft, rule, listing.components_of(rule), _configurations(listing))
    _add_missing_extensions(draft)
    _name_leftovers(draft, listing)
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
    return {"name": wanted, "platform": "edge", "domains": texts}


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
    package = counterpart_package(extension.name)
    title = str(extension.attributes.get("display_name") or extension.name)
    if package is None and (partner := partner_of(extension.name)):
        note = f"Its actions become calls to {partner} by the Cloud Connector, with its configuration."
        draft.report.adapt("extension", title, note)
        return
    if package is None:
        draft.report.skip("extension", title, f"There is no package for “{extension.name}” here.")
        return
    if package.name in {known["package"] for known in draft.extensions}:
        draft.report.skip("extension", title, "The file lists it twice. The first one was used.")
        return
    if package.name != extension.name:
        draft.report.adapt("extension", title, f"It is {package.display_name} here.")
    settings: Described = {}
    if package.configuration is not None:
        adopted = _settings(draft, extension, package.configuration, ("extension", title))
        settings = adopted or {}
    draft.extensions.append({"package": package.name, "settings": settings, "enabled": extension.enabled})


def _add_element(draft: ImportDraft, element: AdobeResource) -> None:
    found = counterpart(element.delegate)
    if found is None or found[1].kind != "dataElements":
        draft.add_empty(element.name, why_not(element.delegate))
        return
    delegate, component_type = found
    settings = _settings(draft, element, component_type, ("data element", element.name))
    if settings is None:
        draft.add_empty(element.name, "Its settings are not a JSON object.")
        return
    attributes = element.attributes
    if attributes.get("storage_duration"):
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
        }
    )


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
    described: Described = {"name": name, "enabled": rule.enabled, "conditions": [], "actions": []}
    draft.rules.append(described)
    for component in components:
        if substitute_for(component.delegate):
            _carry(draft, described, component, configurations)
        else:
            _add_component(draft, described, component)


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
    rule["actions"].append(_described(component, (delegate, action), kept))
    note = f"It became a call to {substitute.title} by {action.title}: {kept['method']} {kept['url']}."
    draft.report.adapt("action", name, note, rule["name"])
    for credential in carried.credentials:
        draft.disable(rule, f"“{name}” needs a credential. {_add_credential(credential)}")
    for sentence in carried.missing or ("check the call that it became, then enable the rule.",):
        draft.disable(rule, f"“{name}”: {sentence}")


def _add_credential(name: str) -> str:
    return f"Create the secret “{name}” under Secrets, and enable the data element that reads it."


def _add_component(draft: ImportDraft, rule: Described, component: AdobeResource) -> None:
    noun = noun_of(component.delegate)
    name = component.name or component.delegate
    found = counterpart(component.delegate)
    settings = None
    reason = why_not(component.delegate)
    if found is not None and found[1].kind in COMPONENT_KINDS:
        settings = _settings(draft, component, found[1], (noun, name), rule["name"])
        reason = "Its settings are not a JSON object."
    if found is None or settings is None:
        draft.report.skip(noun, name, reason, rule["name"])
        draft.disable(rule, f"The {noun} “{name}” is missing.")
        return
    rule[found[1].kind].append(_described(component, found, settings))
    for sentence in found[1].lacks(settings) if found[1].lacks else ():
        draft.report.skip(noun, name, sentence, rule["name"])
        draft.disable(rule, f"“{name}” needs something that the file does not hold. {sentence}")
    for problem in missing_in_code(found[1], settings):
        draft.disable(rule, f"“{name}” cannot run here. {problem.message}")


def _described(component: AdobeResource, found: tuple[str, ComponentType], settings: Described) -> Described:
    delegate, component_type = found
    attributes = component.attributes
    described = {
        "delegate": delegate,
        "name": component.name,
        "settings": settings,
        "timeout": _timeout(attributes.get("timeout")),
        "delay_next": attributes.get("delay_next") is not False,
    }
    is_condition = component_type.kind == "conditions"
    return described | ({"negate": attributes.get("negate") is True} if is_condition else {})


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
    if component_type.adopt is not None:
        settings, notes = component_type.adopt(settings)
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
        for name in sorted(tokens_in(value)) if spec.type == "code" else ():
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
    for name in dict.fromkeys([DEFAULT_PACKAGE, *map(package_of, delegates)]):
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
