"""A build document, compiled once and run for each event.

Source: adobe-event-forwarding, "Container shape"; `modulePath` holds the delegate descriptor id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.code import code_keys
from properties.catalog.descriptor import ExtensionPackage
from properties.catalog.outbound import Answer

from .circles import circles
from .compiled import Element, Rule
from .compiler import Compiler
from .execution import RuleRunner, RuleState
from .privacy import private_elements
from .results import RunResult
from .scope import Circumstances, EventScope
from .scripts import ScriptHost
from .shape import shape_problems
from .sieve import Sieve, sieve_of


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
        sieve: Finds those that an event may meet.
        private_elements: Names of the data elements whose values are masked wherever people see them.
        has_code: Whether a rule or a data element has custom code.
    """

    build_info: Mapping[str, Any]
    default_country: str
    elements: Mapping[str, Element]
    rules: tuple[Rule, ...]
    sieve: Sieve
    private_elements: frozenset[str]
    has_code: bool = False

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
        scripts: ScriptHost | None = None,
        trace: bool = True,
    ) -> RunResult:
        """Run every rule for one event. Nothing that a component raises escapes.

        Args:
            call: ``{"event": {"xdm", "data"}, "request": {"header", "body"}}``; not changed.
            inbound_event_id: Our id of the stored event.
            received_at: Unix seconds when the edge accepted the event.
            installation: Values of the settings that packages take from the environment, by name.
            secret_marker: Gives the text that stands for the credential of that name.
            scripts: Runs custom code, in a session of its own for this event; without it custom code fails.
            trace: Record each component; without it only the state of each rule and the data elements.
        """
        given = Circumstances(inbound_event_id, received_at, installation, secret_marker, scripts)
        return self._run(call, given, trace, RuleRunner.run)

    def resume(
        self,
        state: RuleState,
        answer: Answer | None,
        call: Mapping[str, Any],
        *,
        inbound_event_id: str,
        received_at: float,
        installation: Mapping[str, str],
        secret_marker: Callable[[str], str],
        scripts: ScriptHost | None = None,
        trace: bool = True,
    ) -> RunResult:
        """Go on with a rule that waited for the answer to one of its requests, or could not run yet.

        Args:
            state: Of its :class:`Outbound`.
            answer: What came back, once it counts as delivered; None when nothing was asked.
            call: The same event; everything else as for :meth:`run`.

        Raises:
            KeyError: The build has no such rule or action: the state is of another build.
        """
        rule = {it.id: it for it in self.rules}[state["rule"]]
        action = state["action"]
        if action is not None and not 0 <= action < len(rule.actions):
            raise KeyError(action)
        given = Circumstances(inbound_event_id, received_at, installation, secret_marker, scripts)
        return self._run(call, given, trace, lambda runner: runner.resume(rule, state, answer))

    def _run(
        self,
        call: Mapping[str, Any],
        given: Circumstances,
        trace: bool,
        work: Callable[[RuleRunner], None],
    ) -> RunResult:
        result = RunResult(self, call)
        scope = EventScope(self, call, given, result)
        try:
            work(RuleRunner(scope, result, trace=trace))
        finally:
            scope.close()
        return result


def compile_build(document: Mapping[str, Any], packages: Mapping[str, ExtensionPackage]) -> CompiledBuild:
    """Compile a build document to closures.

    Args:
        document: The build document, without anything that is disabled. Kept by reference.
        packages: Extension packages by name.

    Raises:
        BuildProblem: Something is missing or of another type than it must be, two rules have one id, a
            delegate is unknown, a data element reads itself through others, or the name of a key holds a
            token. Tokens of unknown data elements fail only the components that have them.
    """
    if problems := [*shape_problems(document)]:
        raise BuildProblem(problems)
    compiler = Compiler(document, packages)
    elements = compiler.elements()
    rules = [compiler.rule(it) for it in document.get("rules") or ()]
    compiler.problems += [
        f"Data elements form a circle: {circle}." for circle in circles(document, compiler.types)
    ]
    compiler.problems += _repeated_ids(rules)
    if compiler.problems:
        raise BuildProblem(compiler.problems)
    return CompiledBuild(
        build_info=document.get("buildInfo") or {},
        default_country=_default_country(document),
        elements=elements,
        rules=tuple(rules),
        sieve=sieve_of(rules),
        private_elements=private_elements(compiler.uses(rules, elements), elements),
        has_code=_has_code(rules, elements),
    )


def _repeated_ids(rules: Sequence[Rule]) -> Iterator[str]:
    """A rule that waits is found again by its id."""
    counts = Counter(rule.id for rule in rules)
    yield from (f"{count} rules have the id “{it}”." for it, count in counts.items() if count > 1)


def _has_code(rules: Sequence[Rule], elements: Mapping[str, Element]) -> bool:
    components = (it for rule in rules for it in (*rule.conditions, *rule.actions))
    return any(code_keys(it.type) for it in (*components, *elements.values()))


def _default_country(document: Mapping[str, Any]) -> str:
    settings = (document.get("property") or {}).get("settings") or {}
    return str(settings.get("defaultCountry") or "").lower()
