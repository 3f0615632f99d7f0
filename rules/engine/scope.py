"""What one rule sees of one event: values of data elements, stand-ins for credentials, its own rule stash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType
from properties.catalog.javascript import clean

from .compiled import Element
from .failures import RuleFailed, explain
from .results import ElementRun, RunResult

if TYPE_CHECKING:
    from .build import CompiledBuild


@dataclass(slots=True)
class EventScope:
    """What all rules of one event share.

    No component can change an event yet. One that can needs a copy per rule and values of its own: this is
    where they would be made, as rules never see what another rule did.
    """

    build: CompiledBuild
    call: Mapping[str, Any]
    inbound_event_id: str
    received_at: float
    installation: Mapping[str, str]
    secret_marker: Callable[[str], str]
    result: RunResult
    values: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def context(self, rule: Mapping[str, str], scope: RuleScope, *, stash: bool = True) -> EventContext:
        """What delegates are called with; component and extension settings are filled in before each call."""
        arc = {"event": self.call["event"], "request": self.call["request"]}
        return EventContext(
            arc={**arc, "ruleStash": scope.stash if stash else {}},
            inbound_event_id=self.inbound_event_id,
            received_at=self.received_at,
            build_info=self.build.build_info,
            rule=rule,
            installation=self.installation,
            get_data_element=scope.element,
            default_country=self.build.default_country,
        )


class RuleScope:
    """Where the tokens of one rule get their values; the engine's ``Source``."""

    def __init__(self, event: EventScope) -> None:
        self.event = event
        self.stash: dict[str, Any] = {}
        self._fresh: dict[str, Any] = {}
        self._stash_reads = 0
        self._open: list[str] = []

    def start_component(self) -> None:
        """Forget values that depend on the rule stash: an action may just have changed it."""
        self._fresh.clear()

    def secret(self, name: str) -> str:
        """Text that stands for the credential ``name``."""
        marker = self.event.secret_marker(name)
        self.event.result.secrets[marker] = name
        return marker

    def element(self, name: str) -> Any:
        """Value of the data element ``name``, evaluated once per event, or per component if it must."""
        values = self.event.values
        return values[name] if name in values else self._look_up(name)

    def _look_up(self, name: str) -> Any:
        element = self.event.build.element(name)
        if element is None:
            raise RuleFailed(f'Data element definition for "{name}" was not found.')
        if element.name in self.event.values:
            return self.event.values[element.name]
        if element.name in self._fresh:
            self._stash_reads += 1
            return self._fresh[element.name]
        if element.name in self.event.failures:
            raise RuleFailed(self.event.failures[element.name])
        return self._evaluate(element)

    def _evaluate(self, element: Element) -> Any:
        if element.name in self._open:
            circle = " -> ".join([*self._open, element.name])
            raise RuleFailed(f"Data element circular reference detected: {circle}")
        record = self.event.result.elements[element.name] = ElementRun(element)
        reads_before = self._stash_reads
        self._open.append(element.name)
        try:
            value = self._value_of(element, record)
        except Exception as error:
            text = f'Failed to execute module for data element "{element.name}". '
            record.error = text + explain(error, element.delegate)
            if self._stash_reads == reads_before and not element.reads_stash:
                self.event.failures[element.name] = record.error
            raise RuleFailed(record.error) from None
        finally:
            self._open.pop()
        self._keep(element, value, reads_before)
        return value

    def _value_of(self, element: Element, record: ElementRun) -> Any:
        settings = element.resolve(self)
        if isinstance(element.type, DataElementType) and element.type.sample_path is not None:
            record.path = element.type.sample_path(settings)
        context = self.event.context({}, self, stash=element.reads_stash)
        context.component = {"id": element.name, "name": element.name}
        context.extension_settings = element.resolve_extension(self)
        value = element.run(settings, context)
        if value is None and element.default_value is not None:
            value, record.used_default = element.default_value, True
        record.value = _finish_text(element, value) if isinstance(value, str) else value
        return record.value

    def _keep(self, element: Element, value: Any, reads_before: int) -> None:
        self._stash_reads += element.reads_stash
        kept = self.event.values if self._stash_reads == reads_before else self._fresh
        kept[element.name] = value


def _finish_text(element: Element, text: str) -> str:
    text = clean(text) if element.clean_text else text
    return text.lower() if element.force_lower_case else text
