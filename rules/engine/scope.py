"""The values that one event's rules can see: data elements, credentials, the stash of the current rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.context import EventContext, ScriptKind

from .build import CompiledBuild
from .circumstances import Circumstances
from .code_session import CodeSession
from .compiled import Component, Element, Rule
from .failures import RuleFailed, as_asked, explain
from .records import ComponentRun, ElementRun
from .results import RunResult
from .scripts import NoScripts

ABSENT: Any = object()
"""A missing value. A value that exists may be null."""
NOTHING: Mapping[str, Any] = {}


class EventScope:
    """The source of values for tokens while the rules of one event run, one rule after the other.

    No rule sees what another did: each starts with the stored event and an empty stash. If custom code of a
    rule changes the event, only that rule continues with the changed event and its own values.

    ``values`` holds data elements that need not be evaluated again in this rule. ``fresh`` holds those of the
    current component only, and is cleared before the next one.
    """

    def __init__(
        self, build: CompiledBuild, call: Mapping[str, Any], given: Circumstances, result: RunResult
    ) -> None:
        self.build, self.call, self.given, self.result = build, call, given, result
        self.event, self.request = call["event"], call["request"]
        self.stash: dict[str, Any] = {}
        self._rule: Rule | None = None
        self.fresh: dict[str, Any] = {}
        self.values = self._shared = result.values
        self._arc = result.arc
        self._readers = build.readers
        self._failures: dict[str, tuple[str, Exception]] = {}
        self._open: list[str] = []
        self._rule_reads = 0
        self._rule_context: EventContext | None = None
        self._element_context: EventContext | None = None
        self._code: CodeSession | None = None
        self._record: ComponentRun | ElementRun | None = None
        self._running: EventContext | None = None

    # The current rule

    def enter(self, rule: Rule) -> None:
        """Start ``rule``, as if no other had run."""
        self._rule, self.stash, self._rule_context = rule, {}, None
        if self.values is self.fresh:
            self.event, self.request = self.call["event"], self.call["request"]
            self.values, self._element_context = self._shared, None
            self._readers = self.build.readers

    def call_component(self, component: Component, record: ComponentRun) -> Any:
        """Compare the two sides of a condition, or make the settings of the component and run it."""
        self.fresh.clear()
        if (sides := component.sides) is not None:
            record.sides = left, right = sides.of(self.element)
            return sides.compare(left, right)
        settings = record.made_settings = component.resolve(self)
        context = self._rule_context or self._context_for_rule()
        context.component = component.identity
        resolve = component.resolve_extension
        context.extension_settings = resolve(self) if resolve else NOTHING
        self._record, self._running = record, context
        return component.run(settings, context)

    def _context_for_rule(self) -> EventContext:
        rule = self._rule.identity if self._rule else NOTHING
        context = self._rule_context = self._context(rule, self.stash)
        return context

    @property
    def is_changed(self) -> bool:
        """Return whether custom code of the current rule has changed the event or its request."""
        return self.values is self.fresh

    def adopt(self, arc: Mapping[str, Any]) -> None:
        """Use the event, request and stash that custom code of the rule has changed."""
        self.stash = arc["ruleStash"]
        if arc["event"] is not self.event or arc["request"] is not self.request:
            self.event, self.request = arc["event"], arc["request"]
            self.values, self._element_context = self.fresh, None
            self._readers = {}

    def close(self) -> None:
        """End the session of custom code, and drop every reference back to this scope.

        Python frees objects without reference cycles at once; the rest waits for the garbage collector.
        """
        code, self._code = self._code, None
        self._rule_context = self._element_context = self._running = None
        if code is not None:
            code.close()

    # Values for tokens

    def secret(self, name: str) -> str:
        """Return the secret marker of the credential ``name``."""
        marker = self.given.secret_marker(name)
        self.result.secrets[marker] = name
        return marker

    def element(self, name: str) -> Any:
        """Return the value of a data element, evaluated once per event or, if needed, per component."""
        values = self.values
        value = values.get(name, ABSENT)
        if value is not ABSENT:
            return value
        read = self._readers.get(name)
        if read is None:
            return self._more_than_read(name)
        try:
            value = values[name] = read(self._arc)
        except Exception:
            return self._more_than_read(name)
        return value

    def _more_than_read(self, name: str) -> Any:
        element = self.build.element(name)
        if element is None:
            raise RuleFailed(f'Data element definition for "{name}" was not found.')
        return self._evaluate(element) if element.name == name else self.element(element.name)

    def _evaluate(self, element: Element) -> Any:
        name, reads_before, way = element.name, self._rule_reads, self._open
        if name in self.fresh:
            self._rule_reads += 1
            return self.fresh[name]
        if name in self._failures and not self.is_changed:
            raise as_asked(*self._failures[name])
        if name in way:
            raise RuleFailed(f"Data element circular reference detected: {' -> '.join([*way, name])}")
        record = self.result.recorded[name] = ElementRun(element)
        way.append(name)
        try:
            value = self._value_of(element, record)
        except Exception as error:
            self._note_failure(element, record, error, is_shared=self._rule_reads == reads_before)
            raise as_asked(record.error, error) from None
        finally:
            way.pop()
        if element.reads_rule:
            self._rule_reads += 1
        kept = self.values if self._rule_reads == reads_before else self.fresh
        kept[name] = value
        return value

    def _value_of(self, element: Element, record: ElementRun) -> Any:
        settings = element.fixed_settings
        if settings is None:
            settings = record.settings = element.resolve(self)
        resolve = element.resolve_extension
        extension_settings = resolve(self) if resolve else NOTHING
        context = self._element_context
        if context is None or element.reads_rule:
            context = self._context_for(element)
        context.component, context.extension_settings = element.identity, extension_settings
        self._record, self._running = record, context
        value = element.run(settings, context)
        if value is None and element.default_value is not None:
            value, record.used_default = element.default_value, True
        if element.tidy is not None and isinstance(value, str) and not self._has_marker(value):
            value = element.tidy(value)
        record.value = value
        return value

    def _has_marker(self, text: str) -> bool:
        """Return whether the text contains a secret marker: tidied, it would not be recognised."""
        return any(marker in text for marker in self.result.secrets)

    def _note_failure(
        self, element: Element, record: ElementRun, error: Exception, *, is_shared: bool
    ) -> None:
        reason = explain(error, element.delegate)
        record.error = f'Failed to execute module for data element "{element.name}". {reason}'
        if is_shared and not element.reads_rule and not self.is_changed:
            self._failures[element.name] = record.error, error

    def _asked(self, name: str) -> Any:
        """Return the value of a data element for a running component, and let it continue as before."""
        record, running, context = self._record, self._running, self._element_context
        seen = (context.component, context.extension_settings) if context else None
        try:
            return self.element(name)
        finally:
            self._record, self._running = record, running
            if context and seen:
                context.component, context.extension_settings = seen

    def _context_for(self, element: Element) -> EventContext:
        """Return the context of a data element; an element that all rules share does not see the current
        rule.
        """
        if element.reads_rule and self._rule is not None:
            return self._context(self._rule.identity, self.stash)
        if self._element_context is None:
            self._element_context = self._context(NOTHING, {})
        return self._element_context

    def _context(self, rule: Mapping[str, str], stash: dict[str, Any]) -> EventContext:
        given = self.given
        context = EventContext(
            arc={"event": self.event, "request": self.request, "ruleStash": stash},
            inbound_event_id=given.inbound_event_id,
            received_at=given.received_at,
            build_info=self.build.build_info,
            rule=rule,
            installation=given.installation,
            test_code=given.test_code,
            get_data_element=self._asked,
            default_country=self.build.default_country,
            secret_marker=self.secret,
        )
        context.run_script = self._run_script
        context.run_pattern = given.scripts.run_pattern if given.scripts else None
        return context

    def _run_script(self, source: str, kind: ScriptKind, settings: Mapping[str, Any]) -> Any:
        record, context = self._record, self._running
        if record is None or context is None:
            raise NoScripts("Custom code runs only while its component does.")
        if self._code is None:
            self._code = CodeSession(self.call, self.given, self.result, self._asked)
        output = self._code.run(source, kind, settings, context, record)
        if output.arc_after is not None and kind != "dataElement":
            context.arc = output.arc_after
            self.adopt(output.arc_after)
        return output.value
