"""Dry runs of a data element or a condition that is not saved yet, with the newest events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import ConditionType, ExtensionPackage
from properties.catalog.registry import packages
from rules.engine import RunResult, compile_build, masked_trace
from rules.explain.component_stories import ConditionStory
from rules.explain.element_stories import ElementStory, element_stories
from rules.explain.rule_stories import rule_stories
from rules.explain.shown_values import shown_text, type_name, why_failed
from rules.explain.traces import Trace

from .run import run_sample
from .samples import SampleEvent

LONGEST_SHOWN = 2_000
_READER = ConditionType(name="reads", title="Reads a data element", run=lambda settings, context: True)
_PACKAGE = ExtensionPackage(name="dry-run", display_name="Dry run", version="1.0.0", conditions=[_READER])

MakeMarker = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ElementDryRun:
    """The value of a data element for one event."""

    sample: SampleEvent
    value: str
    value_type: str
    is_missing: bool
    used_default: bool
    error: str

    @property
    def is_block(self) -> bool:
        return "\n" in self.value


@dataclass(frozen=True, slots=True)
class ConditionDryRun:
    """The result of a condition for one event."""

    sample: SampleEvent
    story: ConditionStory
    elements: list[ElementStory]


def dry_run_element(
    document: Mapping[str, Any],
    name: str,
    samples: Iterable[SampleEvent],
    make_marker: MakeMarker,
    *,
    is_plain: bool,
) -> Iterator[ElementDryRun]:
    """Return the value of a data element for each event.

    Args:
        document: A build document without rules.
        name: Name of the data element.
        make_marker: Returns the text that replaces the credential of that name.
        is_plain: Show values unmasked, to people who may see the events themselves; else mask them as in the
            event log.

    Raises:
        BuildProblem: The document cannot be compiled.
    """
    condition = {"id": "dry-run", "modulePath": "dry-run::conditions::reads"}
    rule = {"id": "dry-run", "conditions": [{**condition, "settings": {"value": f"{{{{{name}}}}}"}}]}
    build = compile_build({**document, "rules": [rule]}, {**packages(), _PACKAGE.name: _PACKAGE})
    for sample in samples:
        yield _element(name, sample, run_sample(build, sample, make_marker), is_plain=is_plain)


def dry_run_condition(
    document: Mapping[str, Any], samples: Iterable[SampleEvent], make_marker: MakeMarker
) -> Iterator[ConditionDryRun]:
    """Return the masked result of a document's only condition for each event.

    Raises:
        BuildProblem: The document cannot be compiled.
    """
    build = compile_build(document, packages())
    for sample in samples:
        result = run_sample(build, sample, make_marker)
        trace = Trace("again", masked_trace(result), dict(document))
        yield ConditionDryRun(sample, rule_stories(trace)[0].conditions[0], element_stories(trace))


def _element(name: str, sample: SampleEvent, result: RunResult, *, is_plain: bool) -> ElementDryRun:
    masked = next(it for it in masked_trace(result)["elements"] if it["name"] == name)
    value = result.elements[name].value if is_plain else masked["value"]
    return ElementDryRun(
        sample,
        value="" if value is None else _shown(value, result.secrets),
        value_type="" if value is None else type_name(value),
        is_missing=value is None,
        used_default=masked["used_default"],
        error=why_failed(masked["error"]),
    )


def _shown(value: Any, secrets: Mapping[str, str]) -> str:
    text = shown_text(value)
    for marker, name in secrets.items():
        text = text.replace(marker, f"secret “{name}”")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(text):,} characters)"
