"""A build document, compiled once and run for each event.

Source: adobe-event-forwarding, "Container shape"; `modulePath` holds the delegate descriptor id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import (
    ActionType,
    ComponentType,
    ConditionType,
    DataElementType,
    ExtensionPackage,
    Run,
    Settings,
)
from properties.catalog.errors import InvalidSettings
from properties.catalog.substitution import Resolver, compile_settings

from .circles import circles
from .compiled import Component, Element, Rule
from .execution import RuleRunner
from .failures import RuleFailed, explain
from .privacy import private_elements
from .results import RunResult
from .scope import EventScope
from .stash_readers import mentions_stash


class BuildProblem(Exception):
    """A build document cannot run; ``problems`` names everything at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True, slots=True)
class CompiledBuild:
    """A build ready to run, in any number of threads at once.

    Args:
        build_info: ``buildInfo`` of the document.
        default_country: ISO 3166-1 alpha-2 of the property, lower-case, or "".
        elements: Data elements by name.
        rules: In the order of the document.
        private_elements: Names of the data elements whose values are masked wherever people see them.
    """

    build_info: Mapping[str, Any]
    default_country: str
    elements: Mapping[str, Element]
    rules: tuple[Rule, ...]
    private_elements: frozenset[str]

    def element(self, name: str) -> Element | None:
        """The data element that a token means; blanks around the name count only when one is called so."""
        return self.elements.get(name) or self.elements.get(name.strip())

    def run(
        self,
        call: Mapping[str, Any],
        *,
        inbound_event_id: str,
        received_at: float,
        installation: Mapping[str, str],
        secret_marker: Callable[[str], str],
        trace: bool = True,
    ) -> RunResult:
        """Run every rule for one event. Nothing that a component raises escapes.

        Args:
            call: ``{"event": {"xdm", "data"}, "request": {"header", "body"}}``; not changed.
            inbound_event_id: Our id of the stored event.
            received_at: Unix seconds when the edge accepted the event.
            installation: Settings of this installation, such as ``META_GRAPH_URL``.
            secret_marker: Gives the text that stands for the credential of that name.
            trace: Record each component; without it only the state of each rule and the data elements.
        """
        result = RunResult(self)
        event = EventScope(
            self, call, inbound_event_id, received_at, installation, secret_marker, result=result
        )
        result.rules = [RuleRunner(rule, event, trace=trace).run() for rule in self.rules]
        return result


def compile_build(document: Mapping[str, Any], packages: Mapping[str, ExtensionPackage]) -> CompiledBuild:
    """Compile a build document to closures.

    Args:
        document: The build document, without anything that is disabled. Kept by reference.
        packages: Extension packages by name.

    Raises:
        BuildProblem: A delegate is unknown, a data element reads itself through others, or the name of a key
            holds a token. Tokens of unknown data elements fail only the components that have them.
    """
    compiler = _Compiler(document, packages)
    elements = compiler.elements()
    rules = [compiler.rule(it) for it in document.get("rules", [])]
    compiler.problems += [f"Data elements form a circle: {circle}." for circle in circles(document)]
    if compiler.problems:
        raise BuildProblem(compiler.problems)
    return CompiledBuild(
        build_info=document.get("buildInfo", {}),
        default_country=_default_country(document),
        elements=elements,
        rules=tuple(rules),
        private_elements=private_elements(compiler.uses(rules), elements),
    )


def _default_country(document: Mapping[str, Any]) -> str:
    settings = document.get("property", {}).get("settings") or {}
    return str(settings.get("defaultCountry") or "").lower()


class _Compiler:
    """Compiles part by part and gathers what is wrong."""

    def __init__(self, document: Mapping[str, Any], packages: Mapping[str, ExtensionPackage]) -> None:
        self.problems: list[str] = []
        self.types = {p.delegate_id(t): t for p in packages.values() for t in p.types()}
        self.document = document
        self.configured = {
            name: (packages[name], entry.get("settings") or {})
            for name, entry in document.get("extensions", {}).items()
            if name in packages
        }
        self.extension_resolvers = {
            name: self.resolver(f"Extension “{package.display_name}”", settings)
            for name, (package, settings) in self.configured.items()
        }

    def uses(self, rules: Iterable[Rule]) -> Iterator[tuple[ComponentType, Settings]]:
        """Whatever has settings that may be private: components and extensions."""
        for rule in rules:
            yield from ((it.type, it.settings) for it in (*rule.conditions, *rule.actions))
        for package, settings in self.configured.values():
            if package.configuration is not None:
                yield package.configuration, settings

    def elements(self) -> dict[str, Element]:
        entries = self.document.get("dataElements", {}).items()
        return {name: element for name, entry in entries if (element := self.element(name, entry))}

    def rule(self, entry: Mapping[str, Any]) -> Rule:
        name = entry.get("name", "")
        conditions = self.components(entry, "conditions", ConditionType)
        return Rule(entry["id"], name, conditions, self.components(entry, "actions", ActionType))

    def components(
        self, rule: Mapping[str, Any], key: str, kind: type[ComponentType]
    ) -> tuple[Component, ...]:
        where = f"Rule “{rule.get('name', '')}”"
        return tuple(c for it in rule.get(key, []) if (c := self.component(where, it, kind)))

    def component(self, rule: str, entry: Mapping[str, Any], kind: type[ComponentType]) -> Component | None:
        name = entry.get("name") or ""
        parts = self.parts(f"{rule}, “{name or entry['modulePath']}”", entry, kind)
        identity = {"id": entry["id"], "name": name}
        negate = bool(entry.get("negate", False))
        return (
            None
            if parts is None
            else Component(**parts, id=entry["id"], name=name, identity=identity, negate=negate)
        )

    def element(self, name: str, entry: Mapping[str, Any]) -> Element | None:
        parts = self.parts(f"Data element “{name}”", entry, DataElementType)
        return (
            None
            if parts is None
            else Element(
                **parts,
                name=name,
                default_value=entry.get("defaultValue"),
                clean_text=bool(entry.get("cleanText")),
                force_lower_case=bool(entry.get("forceLowerCase")),
                reads_stash=mentions_stash(entry.get("settings") or {}),
            )
        )

    def parts(self, where: str, entry: Mapping[str, Any], kind: type[ComponentType]) -> dict[str, Any] | None:
        """What :class:`Delegate` takes; None, and a problem, when nothing of that name can be run."""
        delegate, settings = entry["modulePath"], entry.get("settings") or {}
        found = self.types.get(delegate)
        run = _runnable(delegate, found, settings) if isinstance(found, kind) else None
        if run is None:
            self.problems.append(f"{where}: nothing called “{delegate}” is installed.")
            return None
        package = delegate.partition("::")[0]
        return {
            "delegate": delegate,
            "package": package,
            "type": found,
            "settings": settings,
            "resolve": self.resolver(where, settings),
            "resolve_extension": self.extension_resolvers.get(package, _no_settings),
            "run": run,
        }

    def resolver(self, where: str, settings: Settings) -> Resolver:
        try:
            return compile_settings(settings)
        except InvalidSettings as error:
            self.problems.append(f"{where}: {error}")
            return _no_settings


def _no_settings(source: object) -> Settings:
    return {}


def _runnable(delegate: str, component_type: ComponentType, settings: Settings) -> Run | None:
    """What is called for each event.

    Settings that cannot be prepared were refused when they were saved. Should they be here all the same, they
    fail the rules that use them, not the whole build.
    """
    if component_type.prepare is None:
        return component_type.run
    try:
        return component_type.prepare(settings)
    except Exception as error:
        return _failing(explain(error, delegate))


def _failing(reason: str) -> Run:
    def fail(settings: Settings, context: object) -> None:
        raise RuleFailed(reason)

    return fail
