"""For the tests of extension packages: no database, no network, no engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .context import EventContext, RunScript
from .descriptor import ComponentType, ExtensionPackage, Run, Settings
from .examples import Example
from .outbound import BatchItem, OutboundRequest
from .substitution import Source, compile_settings

MakeScript = Callable[[EventContext], RunScript]
REQUEST = {"header": {"requestId": "11111111-2222-4333-8444-555555555555", "httpHeaders": {}}}


@dataclass(frozen=True, slots=True)
class FakeSource(Source):
    """Gives fixed values for tokens; a name it does not know is an error, as in the engine."""

    elements: Mapping[str, Any] = field(default_factory=dict)

    def element(self, name: str) -> Any:
        return self.elements[name]

    def secret(self, name: str) -> str:
        return secret_marker(name)


def secret_marker(name: str) -> str:
    """What stands for the credential ``name`` in tests."""
    return f"[[secret:{name}]]"


def fake_context(
    *,
    xdm: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    rule_stash: Mapping[str, Any] | None = None,
    data_elements: Mapping[str, Any] | None = None,
    **overrides: Any,
) -> EventContext:
    """What a delegate sees for an event with ``xdm`` and ``data``.

    Args:
        xdm: ``arc.event.xdm``.
        data: ``arc.event.data``.
        rule_stash: What earlier actions left, by package name.
        data_elements: Name → value, for ``get_data_element``.
        overrides: Any other argument of :class:`EventContext`.
    """
    arc = {
        "event": {"xdm": dict(xdm or {}), "data": dict(data or {})},
        "request": REQUEST,
        "ruleStash": dict(rule_stash or {}),
    }
    given: dict[str, Any] = {
        "arc": arc,
        "inbound_event_id": "1",
        "received_at": 1_700_000_000.0,
        "build_info": {"environment": "production"},
        "rule": {"id": "RL1", "name": "Rule"},
        "component": {"id": "RC1", "name": "Component"},
        "get_data_element": FakeSource(data_elements or {}).element,
        "secret_marker": secret_marker,
    }
    return EventContext(**(given | overrides))


def resolve(settings: Settings, data_elements: Mapping[str, Any] | None = None) -> Any:
    """``settings`` with every token replaced, as the engine would hand them to ``run``."""
    return compile_settings(settings)(FakeSource(data_elements or {}))


def run_component(component_type: ComponentType, settings: Settings, context: EventContext) -> Any:
    """Call a component type as the engine does; tokens get their values from ``context.get_data_element``."""
    run = runnable(component_type, settings)
    source = _ContextSource(context)
    return run(compile_settings(settings)(source), context)


def runnable(component_type: ComponentType, settings: Settings) -> Run:
    """What the engine calls for each event."""
    run = component_type.prepare(settings) if component_type.prepare else component_type.run
    if run is None:
        raise AssertionError(f"{component_type.title} has neither run nor prepare.")
    return run


def run_example(
    package: ExtensionPackage,
    component_type: ComponentType,
    example: Example,
    make_script: MakeScript | None = None,
) -> Any:
    """What a worked example gives, to be compared with its ``result``.

    Args:
        make_script: Gives what runs custom code in that context.

    Returns:
        The value of a data element, True or False of a condition, the payloads of an action's items (of an
        awaited request: its body), or the value that an action leaves in the rule stash.
    """
    output = _output(package, component_type, example, make_script)
    if isinstance(output, OutboundRequest):
        return output.body
    items = _items(output)
    return [dict(item.payload) for item in items] if items else output


def example_warnings(
    package: ExtensionPackage,
    component_type: ComponentType,
    example: Example,
    make_script: MakeScript | None = None,
) -> list[str]:
    """Codes of the warnings that a worked example gives, to be compared with its ``warnings``."""
    return [
        warning.code
        for item in _items(_output(package, component_type, example, make_script))
        for warning in item.warnings
    ]


def _output(
    package: ExtensionPackage,
    component_type: ComponentType,
    example: Example,
    make_script: MakeScript | None = None,
) -> Any:
    context = fake_context(
        xdm=example.event.get("xdm"),
        data=example.event.get("data"),
        data_elements=example.data_elements,
        received_at=example.received_at,
        component={"id": "RC1", "name": package.delegate_id(component_type)},
        extension_settings=resolve(example.extension_settings, example.data_elements),
    )
    context.arc["request"] = {"header": {**REQUEST["header"], **example.request_header}}
    context.run_script = make_script(context) if make_script else None
    return run_component(component_type, example.settings, context)


def _items(output: Any) -> list[BatchItem]:
    items = output if isinstance(output, list) else [output]
    return [item for item in items if isinstance(item, BatchItem)]


@dataclass(frozen=True, slots=True)
class _ContextSource(Source):
    context: EventContext

    def element(self, name: str) -> Any:
        if self.context.get_data_element is None:
            raise AssertionError("The context has no data elements.")
        return self.context.get_data_element(name)

    def secret(self, name: str) -> str:
        return secret_marker(name)
