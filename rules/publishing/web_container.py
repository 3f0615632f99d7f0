"""Makes the container of a library from a build document: what the engine in a browser runs. Plain Python.

Source: @adobe/reactor-turbine, the container: components name their module by its path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from properties.catalog.descriptor import ComponentType, Configuration, DataElementType, ExtensionPackage
from properties.catalog.descriptor import Field as Setting
from properties.catalog.references import secret_name
from properties.catalog.registry import find_type

from .build_problems import Finding, Place
from .code_problems import code_problem
from .compile import canonical
from .content import package_name
from .javascript_literals import Script
from .web_functions import function_source, inline_safe, with_functions
from .web_modules import ModuleMissing, ReadModule, modules_needed

Document = Mapping[str, Any]
_CREDENTIALS = ("secret", "stored_secret")
_MODULE = "function(module,exports,require,turbine){{\n{}\n}}"
_NOUNS = {"events": "Event", "conditions": "Condition", "actions": "Action"}


@dataclass(slots=True)
class Container:
    """Collects a container and what is wrong with its document.

    Args:
        packages: By name.
        read: Reads browser modules.
        used: Package name → its component types that the document uses.
        reports: Whether it holds the modules that report to a validation.
    """

    packages: Mapping[str, ExtensionPackage]
    read: ReadModule
    findings: list[Finding] = field(default_factory=list)
    used: dict[str, dict[str, ComponentType]] = field(default_factory=dict)
    reports: bool = False

    def of(self, document: Document) -> dict[str, Any]:
        """Return the container; ``findings`` lists every problem."""
        rules = [self._rule(rule, f"$.rules[{n}]") for n, rule in enumerate(document["rules"])]
        elements = {
            name: self._element(name, element) for name, element in sorted(document["dataElements"].items())
        }
        settings = {name: self._settings_of(name, it) for name, it in sorted(document["extensions"].items())}
        return {
            "property": _property(document["property"]),
            "company": {"orgId": document["company"].get("orgId", "")},
            "environment": {key: document["environment"][key] for key in ("id", "stage")},
            "buildInfo": _build_info(document),
            "dataElements": elements,
            "extensions": {
                self._page_name(name): self._extension(name, settings.get(name))
                for name in self._names(settings)
            },
            # A rule without events never runs.
            "rules": [rule for rule in rules if rule["events"]],
        }

    def _names(self, settings: Mapping[str, Any]) -> list[str]:
        return sorted(settings.keys() | self.used.keys())

    def _page_name(self, name: str) -> str:
        """Return the name of an extension in the browser: code that reads ``event.$type`` is Adobe's."""
        package = self.packages.get(name)
        return (package.page_name if package else "") or name

    def _rule(self, rule: Document, path: str) -> dict[str, Any]:
        place = Place((f"Rule “{rule['name']}”",), path, rule.get("id", ""))
        events = rule.get("events") or []
        if not events:
            return {"events": []}
        return {
            "id": rule["id"],
            "name": rule["name"],
            "events": list(self._components(events, "events", place, ("ruleOrder",))),
            "conditions": list(
                self._components(rule["conditions"], "conditions", place, ("negate", "timeout"))
            ),
            "actions": list(self._components(rule["actions"], "actions", place, ("delayNext", "timeout"))),
        }

    def _components(
        self, components: Iterable[Document], kind: str, rule: Place, keys: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        for index, component in enumerate(components):
            name = component.get("name") or component["modulePath"]
            place = rule.inside(f"{_NOUNS[kind]} “{name}”", f".{kind}[{index}]")
            yield self._component(component, kind, place) | {key: component[key] for key in keys}

    def _element(self, name: str, element: Document) -> dict[str, Any]:
        place = Place((f"Data element “{name}”",), f"$.dataElements[{name!r}]", element.get("id", ""))
        made = self._component(_with_own_name(name, element), "dataElements", place)
        for key in ("defaultValue", "storageDuration"):
            if element.get(key) is not None:
                made[key] = element[key]
        return made | {key: True for key in ("cleanText", "forceLowerCase") if element.get(key)}

    def _component(self, component: Document, kind: str, place: Place) -> dict[str, Any]:
        delegate = component["modulePath"]
        component_type = self._type(delegate, kind, place)
        if component_type is None:
            return {}
        self.used.setdefault(package_name(delegate), {})[component_type.client] = component_type
        settings = self._settings(component_type, component.get("settings"), place)
        return {"modulePath": f"{package_name(delegate)}/{component_type.client}", "settings": settings}

    def _type(self, delegate: str, kind: str, place: Place) -> ComponentType | None:
        package = self.packages.get(package_name(delegate))
        types = package.types() if package and package.platform == "web" else ()
        for component_type in types:
            if package and package.delegate_id(component_type) == delegate and component_type.kind == kind:
                break
        else:
            message = f"“{delegate}” does not run in a browser. Choose a type of an extension for tags."
            self.findings.append(Finding(place, message))
            return None
        if isinstance(component_type, DataElementType) and component_type.secret_for:
            self._refuse_credential(place)
        if not component_type.client:
            message = f"“{delegate}” names no browser module. Update its extension, or choose another type."
            self.findings.append(Finding(place, message))
            return None
        return component_type

    def _settings(self, component_type: ComponentType, settings: Any, place: Place) -> Any:
        if _holds_credential(component_type.fields, settings):
            self._refuse_credential(place.inside("Settings", ".settings"))
        return with_functions(component_type.fields, settings, partial(self._function, place))

    def _refuse_credential(self, place: Place) -> None:
        message = "It holds a secret, and every visitor can read a library. Send it from event forwarding."
        self.findings.append(Finding(place, message))

    def _function(self, place: Place, setting: Setting, path: str, code: str) -> Script:
        code = inline_safe(code)
        if problem := code_problem(code, setting.parameters):
            self.findings.append(Finding(place.inside(setting.label, f".settings.{path}"), problem))
        return function_source(code, setting.parameters)

    def _settings_of(self, name: str, extension: Document) -> Any:
        """Return the settings of an extension; its own module runs at the start."""
        place = Place((f"Extension “{extension['displayName']}”",), f"$.extensions[{name!r}]")
        package = self.packages.get(name)
        if package is None or package.platform != "web":
            message = f"This server has no extension package “{name}” for tags. Remove the extension."
            self.findings.append(Finding(place, message))
            return {}
        configuration = package.configuration or Configuration()
        if configuration.client:
            self.used.setdefault(name, {})[configuration.client] = configuration
        settings = self._settings(configuration, extension["settings"], place)
        return {"displayName": extension["displayName"], "settings": settings}

    def _extension(self, name: str, described: Any) -> dict[str, Any]:
        if described is None:
            place = Place(("Extensions",), "$.extensions")
            message = f"The extension of the package “{name}” is missing. Install it from the catalog."
            self.findings.append(Finding(place, message))
        return {**(described or {}), "modules": self._modules(name)}

    def _validation(self, name: str) -> list[str]:
        package = self.packages.get(name)
        return [package.validation] if self.reports and package and package.validation else []

    def _modules(self, name: str) -> dict[str, Any]:
        types = self.used.get(name, {})
        try:
            texts = modules_needed(name, [*types, *self._validation(name)], self.read)
        except ModuleMissing as error:
            place = Place((f"Extension package “{name}”",), f"$.extensions[{name!r}]")
            self.findings.append(Finding(place, f"{error} Update the extension."))
            return {}
        return {
            path: {**_described(types.get(path.partition("/")[2])), "script": Script(_MODULE.format(text))}
            for path, text in texts.items()
        }


def _with_own_name(name: str, element: Document) -> Document:
    """Return a data element whose settings hold its name, if its module asks for it."""
    kind = find_type(element["modulePath"])
    key = kind.own_name if isinstance(kind, DataElementType) else ""
    return {**element, "settings": {**(element.get("settings") or {}), key: name}} if key else element


def _described(component_type: ComponentType | None) -> dict[str, str]:
    """Return the names that the engine shows and puts into ``$type``; a helper has none."""
    return {"name": component_type.name, "displayName": component_type.title} if component_type else {}


def _property(described: Document) -> dict[str, Any]:
    settings = described["settings"]
    return {
        "id": described["id"],
        "name": described["name"],
        "settings": {
            "domains": settings.get("domains") or [],
            "ruleComponentSequencingEnabled": bool(settings.get("ruleComponentSequencingEnabled")),
            "undefinedVarsReturnEmpty": bool(settings.get("undefinedVarsReturnEmpty")),
        },
    }


def _build_info(document: Document) -> dict[str, Any]:
    """Return what stays the same when the same content is built again: no date and no build id."""
    stage = document["environment"]["stage"]
    return {"environment": stage, "content": content_of(document), "minified": False}


def content_of(document: Document) -> str:
    """Return the SHA-256 of what a build document does, as hexadecimal digits; the library knows it too."""
    content = canonical({**document, "buildInfo": {}})
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _holds_credential(fields: Sequence[Setting], settings: Any) -> bool:
    return _refers_to_secret(settings) or any(_has_credential(it, settings) for it in fields)


def _has_credential(setting: Setting, settings: Any) -> bool:
    value = settings
    for key in setting.key.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    if setting.type in _CREDENTIALS:
        return bool(value)
    rows = value if isinstance(value, list) else [value]
    return any(_has_credential(inner, row) for row in rows for inner in setting.properties)


def _refers_to_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return secret_name(value) is not None or any(map(_refers_to_secret, value.values()))
    return isinstance(value, list) and any(map(_refers_to_secret, value))
