"""Compiles a build document once, before it runs for any number of events.

Source: docs/decisions/0003-a-build-is-one-document.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from properties.catalog.descriptor import ExtensionPackage, Read
from properties.catalog.element_usage import code_keys

from .build import CompiledBuild
from .compiled import Element, Rule
from .compiler import Compiler
from .element_reading import finished
from .privacy import private_elements
from .shape import shape_problems
from .sieve import sieve_of


class BuildProblem(Exception):
    """A build document cannot run; ``problems`` names everything at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


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
    elements, rules = compiler.elements(), compiler.rules()
    if problems := [*compiler.problems, *compiler.circles(), *_repeated_ids(rules)]:
        raise BuildProblem(problems)
    readers = _readers(elements)
    return CompiledBuild(
        build_info=document.get("buildInfo") or {},
        default_country=_default_country(document),
        elements=elements,
        readers=readers,
        rules=rules,
        sieve=sieve_of(rules, readers),
        private_elements=private_elements(compiler.uses(rules, elements), elements),
        has_code=_has_code(rules, elements),
    )


def _readers(elements: Mapping[str, Element]) -> dict[str, Read]:
    found = ((name, it.find, it.default_value, it.tidy) for name, it in elements.items())
    return {name: finished(find, default, tidy) for name, find, default, tidy in found if find}


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
