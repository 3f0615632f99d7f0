"""Turns the parts of a build document into functions, and gathers what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from properties.catalog.descriptor import (
    ActionType,
    ComponentType,
    ConditionType,
    DataElementType,
    ExtensionPackage,
    Read,
    Run,
    Settings,
)
from properties.catalog.element_usage import code_keys
from properties.catalog.errors import InvalidSettings
from properties.catalog.javascript import clean, is_number, to_number
from properties.catalog.json_text import with_values
from properties.catalog.substitution import Resolver, compile_settings, is_fixed
from properties.catalog.tokens import tokens_in, whole_token

from .compiled import Component, Element, Rule, Sides, Test, Tidy
from .failures import RuleFailed, explain
from .privacy import Path, private_paths
from .rule_readers import reads_rule

DEFAULT_TIMEOUT_MS = 2000


class Compiler:
    """Compiles part by part and gathers what is wrong."""

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
        """Whatever has settings that may be private, with the keys that are."""
        for rule in rules:
            yield from ((it.private, it.settings) for it in (*rule.conditions, *rule.actions))
        yield from ((it.private, it.settings) for it in elements.values())
        for package, settings in self.configured.values():
            if package.configuration is not None:
                yield private_paths(package.configuration), settings

    def elements(self) -> dict[str, Element]:
        entries = (self.document.get("dataElements") or {}).items()
        return {name: element for name, entry in entries if (element := self.element(name, entry))}

    def rule(self, entry: Mapping[str, Any]) -> Rule:
        name = entry.get("name") or ""
        conditions = self.components(entry, "conditions", ConditionType)
        actions = self.components(entry, "actions", ActionType)
        identity = {"id": entry["id"], "name": name}
        return Rule(entry["id"], name, identity, conditions, actions, _tests(conditions))

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
            sides=None if parts["resolve_extension"] else _sides(parts["type"], parts["settings"]),
        )

    def element(self, name: str, entry: Mapping[str, Any]) -> Element | None:
        parts = self.parts(f"Data element “{name}”", entry, DataElementType)
        if parts is None:
            return None
        default, tidy = entry.get("defaultValue"), _tidying(entry)
        differs = reads_rule(parts["settings"], code_keys(parts["type"]))
        find = None if differs or parts["resolve_extension"] else _reader(parts["type"], parts["settings"])
        return Element(
            **parts,
            name=name,
            identity={"id": entry.get("id", name), "name": name},
            find=find,
            read=_finished(find, default, tidy) if find else None,
            fixed_settings=parts["settings"] if is_fixed(parts["resolve"]) else None,
            default_value=default,
            tidy=tidy,
            reads_rule=differs,
        )

    def parts(self, where: str, entry: Mapping[str, Any], kind: type[ComponentType]) -> dict[str, Any] | None:
        """What :class:`Delegate` takes; None, and a problem, when nothing of that name can be run."""
        delegate = entry["modulePath"]
        found = self.types.get(delegate)
        settings = _as_values(found, entry)
        run = _runnable(delegate, found, settings) if isinstance(found, kind) else None
        if found is None or run is None:
            self.problems.append(f"{where}: nothing called “{delegate}” is installed.")
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
    """Settings without JSON text where objects and lists belong: builds from before may hold some."""
    settings = entry.get("settings") or {}
    return with_values(component_type.fields, settings) if component_type else settings


def _timeout_seconds(milliseconds: Any) -> float:
    """The timeout of a component; one that leaves no time counts as none given.

    With a timeout of 0 Adobe's engine still takes what a module gives without waiting.
    """
    number = to_number(milliseconds) if isinstance(milliseconds, str) else milliseconds
    return (number if is_number(number) and number > 0 else DEFAULT_TIMEOUT_MS) / 1000


def _tests(conditions: tuple[Component, ...]) -> tuple[tuple[Test, bool, tuple[str, ...]], ...] | None:
    tests = []
    for condition in conditions:
        if condition.sides is None:
            return None
        names = condition.sides.left_name, condition.sides.right_name
        tests.append((condition.sides.test(), condition.negate, tuple(filter(None, names))))
    return tuple(tests)


def _sides(component_type: ComponentType, settings: Settings) -> Sides | None:
    """How to decide the condition from its two sides alone, where each is one data element or has none."""
    if not isinstance(component_type, ConditionType) or not (
        component_type.compare and component_type.compared
    ):
        return None
    rest = {key: value for key, value in settings.items() if key not in component_type.compared}
    left, right = (settings.get(key) for key in component_type.compared)
    if tokens_in(rest) or not (_is_simple(left) and _is_simple(right)):
        return None
    names = whole_token(left), whole_token(right)
    try:
        compare = component_type.compare(settings)
    except Exception:
        return None  # Settings that cannot be prepared fail the rule when it runs.
    return Sides(compare, names[0], left, names[1], right) if compare else None


def _is_simple(side: Any) -> bool:
    return not isinstance(side, Mapping | list) and (whole_token(side) is not None or not tokens_in(side))


def _no_settings(source: object) -> Settings:
    return {}


def _runnable(delegate: str, component_type: ComponentType, settings: Settings) -> Run | None:
    """What is called for each event.

    Settings that cannot be prepared were refused when they were saved. Should they be here all the same, they
    fail the rules that use them, not the whole build.
    """
    if read := _reader(component_type, settings):
        return lambda settings, context: read(context.arc)
    if component_type.prepare is None:
        return component_type.run
    try:
        return component_type.prepare(settings)
    except Exception as error:
        return _failing(explain(error, delegate))


def _reader(component_type: ComponentType, settings: Settings) -> Read | None:
    if not isinstance(component_type, DataElementType) or component_type.read is None:
        return None
    try:
        return component_type.read(settings)
    except Exception:
        return None  # Its ``run`` fails in the same way, and says why.


def _tidying(entry: Mapping[str, Any]) -> Tidy | None:
    if not entry.get("cleanText"):
        return str.lower if entry.get("forceLowerCase") else None
    return (lambda text: clean(text).lower()) if entry.get("forceLowerCase") else clean


def _finished(find: Read, default: Any, tidy: Tidy | None) -> Read:
    if default is None and tidy is None:
        return find

    def read(arc: Mapping[str, Any]) -> Any:
        value = find(arc)
        value = default if value is None else value
        return tidy(value) if tidy and isinstance(value, str) else value

    return read


def _failing(reason: str) -> Run:
    def fail(settings: Settings, context: object) -> None:
        raise RuleFailed(reason)

    return fail
