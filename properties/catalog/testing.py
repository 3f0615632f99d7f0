"""For the tests of extension packages: no database, no network, no engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .context import EventContext, RunScript
from .descriptor import ActionType, ComponentType, ExtensionPackage, Run, Settings
from .examples import Example
from .outbound import Answer, BatchItem, OutboundRequest, Outcome
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


def unsendable(component_type: ComponentType, output: Any) -> list[str]:
    """What keeps the platform from sending what an action gave; empty when all is there.

    Args:
        component_type: The action.
        output: What it gave, for example for one of its worked examples.

    Items that share a request need ``batch_request``, which makes it, and ``read_answer``, without which
    nobody knows whether the vendor took them. An awaited request needs the latter.
    """
    if not isinstance(component_type, ActionType):
        return []
    items = _items(output)
    problems: list[str] = []
    if items:
        problems += _wrong_requests(component_type, items)
    if items or isinstance(output, OutboundRequest):
        problems += _wrong_answers(component_type)
    return problems


def _wrong_requests(action: ActionType, items: Sequence[BatchItem]) -> Iterator[str]:
    if action.batch_request is None:
        yield f"{action.title} gives items to be sent together, but has no batch_request."
        return
    requests = [action.batch_request(item.envelope, [item.payload]) for item in items]
    if not all(isinstance(request, OutboundRequest) for request in requests):
        yield f"batch_request of {action.title} gives no OutboundRequest."


def _wrong_answers(action: ActionType) -> Iterator[str]:
    if action.read_answer is None:
        yield f"{action.title} sends, but has no read_answer."
        return
    answers = (Answer(200, body="{}"), Answer(400, body="{}"), Answer(None, error="timeout"))
    outcomes = [action.read_answer(answer, 1) for answer in answers]
    if not all(isinstance(outcome, Outcome) for outcome in outcomes):
        yield f"read_answer of {action.title} gives no Outcome."
    elif outcomes[-1].kind == "delivered":
        yield f"read_answer of {action.title} takes a request without an answer for delivered."


def replaced_twice(packages: Iterable[ExtensionPackage]) -> list[str]:
    """Ids of other systems that more than one type says it replaces: an import could take either."""
    found = [old for package in packages for kind in package.types() for old in kind.replaces]
    return sorted(old for old, count in Counter(found).items() if count > 1)


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
    output = example_output(package, component_type, example, make_script)
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
        for item in _items(example_output(package, component_type, example, make_script))
        for warning in item.warnings
    ]


def example_output(
    package: ExtensionPackage,
    component_type: ComponentType,
    example: Example,
    make_script: MakeScript | None = None,
) -> Any:
    """What a worked example's component gives, as the engine gets it."""
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
