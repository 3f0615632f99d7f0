"""Turns the parts of a build document into functions, and gathers their problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from properties.catalog.descriptor import (
    ActionType,
    ComponentType,
    ConditionType,
    DataElementType,
    ExtensionPackage,
    Settings,
)
from properties.catalog.element_graph import circles, element_graph, way
from properties.catalog.element_usage import code_keys, elements_read
from properties.catalog.errors import InvalidSettings
from properties.catalog.javascript import is_number, to_number
from properties.catalog.json_text import with_values
from properties.catalog.substitution import Resolver, compile_settings, is_fixed
from properties.catalog.tokens import tokens_in

from .compiled import Component, Element, Rule
from .element_reading import reader, runnable, tidying
from .privacy import Path, private_paths
from .rule_readers import reads_rule
from .sides import sides_of

DEFAULT_TIMEOUT_MS = 2000


class Compiler:
    """Compiles part by part; ``problems`` lists everything that is wrong."""

    def __init__(self, document: Mapping[str, Any], packages: Mapping[str, ExtensionPackage]) -> None:
        self.problems: list[str] = []
        self.types = {p.delegate_id(t): t for p in packages.values() for t in p.types()}
        self.document = document
        self.configured = {
            name: (packages[name], _as_values(packages[name].configuration, entry))
            for name, entry in (document.get("extensions") or {}).items()
            if name in packages
        }
        self.extension_resolvers = {
            name: self.resolver(f"Extension “{package.display_name}”", settings)
            for name, (package, settings) in self.configured.items()
            if settings
        }

    def uses(
        self, rules: Iterable[Rule], elements: Mapping[str, Element]
    ) -> Iterator[tuple[frozenset[Path], Settings]]:
        """Yield all settings, each with its keys that are private."""
        for rule in rules:
            yield from ((it.private, it.settings) for it in (*rule.conditions, *rule.actions))
        yield from ((it.private, it.settings) for it in elements.values())
        for package, settings in self.configured.values():
            if package.configuration is not None:
                yield private_paths(package.configuration), settings

    def elements(self) -> dict[str, Element]:
        entries = (self.document.get("dataElements") or {}).items()
        return {name: element for name, entry in entries if (element := self.element(name, entry))}

    def circles(self) -> Iterator[str]:
        """Yield a problem for each circle of data elements, also through the settings of extensions."""
        entries = self.document.get("dataElements") or {}
        graph = element_graph({name: self._reads(entry) for name, entry in entries.items()})
        yield from (f"Data elements form a circle: {way(circle)}." for circle in circles(graph))

    def _reads(self, entry: Mapping[str, Any]) -> set[str]:
        delegate = entry["modulePath"]
        extension = (self.document.get("extensions") or {}).get(delegate.partition("::")[0], {})
        own = elements_read(self.types.get(delegate), entry.get("settings"))
        return own | tokens_in(extension.get("settings"))

    def rules(self) -> tuple[Rule, ...]:
        return tuple(self.rule(it) for it in self.document.get("rules") or ())

    def rule(self, entry: Mapping[str, Any]) -> Rule:
        name = entry.get("name") or ""
        conditions = self.components(entry, "conditions", ConditionType)
        actions = self.components(entry, "actions", ActionType)
        identity = {"id": entry["id"], "name": name}
        return Rule(entry["id"], name, identity, conditions, actions)

    def components(
        self, rule: Mapping[str, Any], key: str, kind: type[ComponentType]
    ) -> tuple[Component, ...]:
        where = f"Rule “{rule.get('name') or ''}”"
        return tuple(c for it in rule.get(key) or () if (c := self.component(where, it, kind)))

    def component(self, rule: str, entry: Mapping[str, Any], kind: type[ComponentType]) -> Component | None:
        name = entry.get("name") or ""
        parts = self.parts(f"{rule}, “{name or entry['modulePath']}”", entry, kind)
        if parts is None:
            return None
        return Component(
            **parts,
            id=entry["id"],
            name=name,
            identity={"id": entry["id"], "name": name},
            negate=bool(entry.get("negate", False)),
            timeout_seconds=_timeout_seconds(entry.get("timeout")),
            sides=None if parts["resolve_extension"] else sides_of(parts["type"], parts["settings"]),
        )

    def element(self, name: str, entry: Mapping[str, Any]) -> Element | None:
        parts = self.parts(f"Data element “{name}”", entry, DataElementType)
        if parts is None:
            return None
        differs = reads_rule(parts["settings"], code_keys(parts["type"]))
        find = None if differs or parts["resolve_extension"] else reader(parts["type"], parts["settings"])
        return Element(
            **parts,
            name=name,
            identity={"id": entry.get("id", name), "name": name},
            find=find,
            fixed_settings=parts["settings"] if is_fixed(parts["resolve"]) else None,
            default_value=entry.get("defaultValue"),
            tidy=tidying(entry),
            reads_rule=differs,
        )

    def parts(self, where: str, entry: Mapping[str, Any], kind: type[ComponentType]) -> dict[str, Any] | None:
        """Return the arguments of :class:`Delegate`; None, and a problem, if the delegate cannot run."""
        delegate = entry["modulePath"]
        found = self.types.get(delegate)
        settings = _as_values(found, entry)
        run = runnable(delegate, found, settings) if isinstance(found, kind) else None
        if found is None or run is None:
            self.problems.append(f"{where}: “{delegate}” is not installed.")
            return None
        package = delegate.partition("::")[0]
        return {
            "delegate": delegate,
            "package": package,
            "type": found,
            "settings": settings,
            "resolve": self.resolver(where, settings, code_keys(found)),
            "resolve_extension": self.extension_resolvers.get(package),
            "run": run,
            "private": private_paths(found),
        }

    def resolver(self, where: str, settings: Settings, code: frozenset[str] = frozenset()) -> Resolver:
        try:
            return compile_settings(settings, literal=code)
        except InvalidSettings as error:
            self.problems.append(f"{where}: {error}")
            return _no_settings


def _as_values(component_type: ComponentType | None, entry: Mapping[str, Any]) -> Settings:
    """Return settings with objects and lists where older builds may hold them as JSON text."""
    settings = entry.get("settings") or {}
    return with_values(component_type.fields, settings) if component_type else settings


def _timeout_seconds(milliseconds: Any) -> float:
    """Return the timeout of a component; a timeout that leaves no time counts as missing.

    With a timeout of 0 Adobe's engine still accepts a result that a module returns without waiting.
    """
    number = to_number(milliseconds) if isinstance(milliseconds, str) else milliseconds
    return (number if is_number(number) and number > 0 else DEFAULT_TIMEOUT_MS) / 1000


def _no_settings(source: object) -> Settings:
    return {}
