"""Tools for the tests of extension packages: no database, no network, no engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .context import EventContext, RunScript
from .descriptor import ActionType, ComponentType, ExtensionPackage, Run, Settings
from .examples import Example
from .outbound import LONGEST_RECEIPT, Answer, BatchItem, OutboundRequest, Outcome, Signature
from .substitution import Source, compile_settings

LONGEST_ANSWER_SECONDS = 7 * 86_400
MakeScript = Callable[[EventContext], RunScript]
REQUEST = {"header": {"requestId": "11111111-2222-4333-8444-555555555555", "httpHeaders": {}}}


@dataclass(frozen=True, slots=True)
class FakeSource(Source):
    """Returns fixed values for tokens. An unknown name is an error, as in the engine."""

    elements: Mapping[str, Any] = field(default_factory=dict)

    def element(self, name: str) -> Any:
        return self.elements[name]

    def secret(self, name: str) -> str:
        return secret_marker(name)


def secret_marker(name: str) -> str:
    """Return the marker of the credential ``name`` in tests."""
    return f"[[secret:{name}]]"


def fake_context(
    *,
    xdm: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    rule_stash: Mapping[str, Any] | None = None,
    data_elements: Mapping[str, Any] | None = None,
    **overrides: Any,
) -> EventContext:
    """Return the context of an event with ``xdm`` and ``data``.

    Args:
        xdm: ``arc.event.xdm``.
        data: ``arc.event.data``.
        rule_stash: Results of earlier actions, by package name.
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
    """Return ``settings`` with every token replaced, as the engine passes them to ``run``."""
    return compile_settings(settings)(FakeSource(data_elements or {}))


def run_component(component_type: ComponentType, settings: Settings, context: EventContext) -> Any:
    """Call a component type as the engine does; ``context.get_data_element`` returns the values of tokens."""
    run = runnable(component_type, settings)
    source = _ContextSource(context)
    return run(compile_settings(settings)(source), context)


def runnable(component_type: ComponentType, settings: Settings) -> Run:
    """Return the function that the engine calls for each event."""
    run = component_type.prepare(settings) if component_type.prepare else component_type.run
    if run is None:
        raise AssertionError(f"{component_type.title} has neither run nor prepare.")
    return run


def unsendable(component_type: ComponentType, output: Any) -> list[str]:
    """Return sentences on why the platform cannot send an action's output; empty if it can.

    Args:
        component_type: The action.
        output: Its output, for example for a worked example.

    Items that share a request need ``batch_request``, which makes it, and ``read_answer``, which reads
    whether the vendor accepted them. An awaited request needs ``read_answer``. Only items that share a
    request can have answers for each event, and answers that arrive later.
    """
    if not isinstance(component_type, ActionType):
        return []
    items = _items(output)
    problems = list(_wrong_later_answers(component_type, items))
    if items:
        problems += _wrong_requests(component_type, items)
    if items or isinstance(output, OutboundRequest):
        problems += _wrong_answers(component_type)
    if isinstance(output, OutboundRequest):
        problems += _wrong_parts(component_type, output)
    return problems


def _wrong_requests(action: ActionType, items: Sequence[BatchItem]) -> Iterator[str]:
    if action.batch_request is None:
        yield f"{action.title} returns items that share a request, but has no batch_request."
        return
    for item in items:
        request = action.batch_request(item.envelope, [item.payload])
        if not isinstance(request, OutboundRequest):
            yield f"batch_request of {action.title} does not return an OutboundRequest."
            return
        yield from _wrong_parts(action, request)


def _wrong_parts(action: ActionType, request: OutboundRequest) -> Iterator[str]:
    """Yield the parts that the transport cannot send, or would send differently."""
    for name, value in request.secret_query.items():
        if not name or not isinstance(value, str) or not value:
            yield f"secret_query of {action.title} has a name or a value that is empty or not text."
        if re.search(rf"[?&]{re.escape(name)}=", request.url):
            yield f"{action.title} has {name} in the address and in secret_query."
    if request.signature is not None:
        yield from _wrong_signature(action, request.signature, request.headers)


def _wrong_signature(action: ActionType, signature: Signature, headers: Mapping[str, str]) -> Iterator[str]:
    if not signature.secret:
        yield f"The signature of {action.title} has no secret."
    if "{body}" not in signature.message or "{signature}" not in signature.value:
        yield f"The signature of {action.title} needs {{body}} in message and {{signature}} in value."
    given = [name.lower() for name in (*headers, signature.header, signature.timestamp_header) if name]
    if not signature.header or len(set(given)) < len(given):
        yield f"The signature of {action.title} needs headers of its own."


def _wrong_answers(action: ActionType) -> Iterator[str]:
    if action.read_answer is None:
        yield f"{action.title} sends, but has no read_answer."
        return
    yield from _misread(action, "read_answer", action.read_answer, 1)
    if action.max_batch > 1:
        yield from _misread(action, "read_answer", action.read_answer, 2)


def _misread(action: ActionType, name: str, read: Callable[[Answer, int], Any], count: int) -> Iterator[str]:
    """Yield problems of a function that reads answers, called for a request with ``count`` events."""
    answers = (Answer(200, body="{}"), Answer(400, body="{}"), Answer(None, error="timeout"))
    read_ones = [read(answer, count) for answer in answers]
    if not all(isinstance(it, Outcome) or _is_for_each(it, count) for it in read_ones):
        yield f"{name} of {action.title} returns neither an Outcome nor a list of {count} outcomes."
        return
    if action.batch_request is None and not all(isinstance(it, Outcome) for it in read_ones):
        yield f"{name} of {action.title} returns a list of outcomes, but its request holds a single event."
    outcomes = [[it] if isinstance(it, Outcome) else it for it in read_ones]
    if any(outcome.kind == "delivered" for outcome in outcomes[-1]):
        yield f"{name} of {action.title} reads a request without an answer as delivered."
    accepted = [outcome for each in outcomes for outcome in each if outcome.kind == "accepted"]
    if accepted and action.follow_up is None:
        yield f"{name} of {action.title} returns accepted, but nothing asks for the answer. Add follow_up."
    if name == "read_answer" and any(not 0 < len(it.receipt) <= LONGEST_RECEIPT for it in accepted):
        yield f"{name} of {action.title} returns accepted without a receipt of at most 255 characters."


def _is_for_each(outcomes: Any, count: int) -> bool:
    is_list = isinstance(outcomes, Sequence) and not isinstance(outcomes, str)
    return is_list and len(outcomes) == count and all(isinstance(it, Outcome) for it in outcomes)


def _wrong_later_answers(action: ActionType, items: Sequence[BatchItem]) -> Iterator[str]:
    """Yield problems of asking for answers: it needs two functions, a time limit, and an envelope."""
    if action.follow_up is None and action.read_follow_up is None:
        return
    if action.follow_up is None or action.read_follow_up is None:
        yield f"{action.title} needs both follow_up and read_follow_up."
        return
    if action.batch_request is None:
        yield f"{action.title} asks for answers later, but its request is awaited: it needs batch_request."
    if not 0 < action.answer_within <= LONGEST_ANSWER_SECONDS:
        yield f"{action.title} must stop asking for an answer within seven days: answer_within."
    for item in items:
        request = action.follow_up(item.envelope, "receipt")
        if not isinstance(request, OutboundRequest):
            yield f"follow_up of {action.title} does not return an OutboundRequest."
            return
        yield from _wrong_parts(action, request)
    yield from _misread(action, "read_follow_up", action.read_follow_up, 2)


def replaced_twice(packages: Iterable[ExtensionPackage]) -> list[str]:
    """Return ids of other systems that several types replace: an import could choose any of them."""
    found = [old for package in packages for kind in package.types() for old in kind.replaces]
    return sorted(old for old, count in Counter(found).items() if count > 1)


def run_example(
    package: ExtensionPackage,
    component_type: ComponentType,
    example: Example,
    make_script: MakeScript | None = None,
) -> Any:
    """Return the result of a worked example, for comparison with its ``result``.

    Args:
        make_script: Returns the function that runs custom code in a context.

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
    """Return the codes of a worked example's warnings, for comparison with its ``warnings``."""
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
    """Return the output of a worked example's component, as the engine receives it."""
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
