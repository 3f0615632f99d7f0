"""The property document that an import will apply, and its report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.element_usage import names_read

from ..reading import FORMAT
from .report import ImportReport

COMPONENT_KINDS = {"conditions": "condition", "actions": "action"}
# A path that no event has.
NOWHERE = {"delegate": "core::dataElements::path", "settings": {"path": "arc.event.notImported"}}

Described = dict[str, Any]


@dataclass(slots=True)
class ImportDraft:
    """A property document in the making.

    Args:
        document: As ``apply`` accepts it.
        report: Everything that a person should know about it.
        empty_elements: Names of data elements that only keep the settings with their tokens valid. They have
            no value and are disabled, and so is every rule that reads one.
        credentials: Names of data elements that are disabled until a person adds a secret. The rules that
            read them report it themselves.
    """

    document: Described
    report: ImportReport = field(default_factory=ImportReport)
    empty_elements: set[str] = field(default_factory=set)
    credentials: set[str] = field(default_factory=set)

    @property
    def extensions(self) -> list[Described]:
        return self._part("extensions")

    @property
    def elements(self) -> list[Described]:
        return self._part("data_elements")

    @property
    def rules(self) -> list[Described]:
        return self._part("rules")

    def _part(self, name: str) -> list[Described]:
        found: list[Described] = self.document[name]
        return found

    def components(self) -> Iterator[tuple[Described, str, Described]]:
        """Yield each rule, kind and component."""
        for rule in self.rules:
            for kind in COMPONENT_KINDS:
                for component in rule[kind]:
                    yield rule, kind, component

    def element_names(self) -> set[str]:
        return {element["name"] for element in self.elements}

    def add_empty(self, name: str, reason: str) -> None:
        """Make ``name`` a disabled data element without a value."""
        self.empty_elements.add(name)
        self.elements[:] = [element for element in self.elements if element["name"] != name]
        self.elements.append({"name": name, **NOWHERE, "enabled": False})
        self.report.skip("data element", name, reason)

    def names_read(self) -> set[str]:
        """Return the names of data elements, as settings spell them."""
        every = [*self.elements, *(component for _, _, component in self.components())]
        names = [names_read(each["delegate"], each["settings"]) for each in every]
        return set().union(*names, *(names_read("", each["settings"]) for each in self.extensions))

    def drop_unread_empty_elements(self) -> None:
        """Remove the empty data elements that no setting names."""
        read = {spelled for name in self.names_read() for spelled in (name, name.strip())}
        gone = self.empty_elements - read
        self.elements[:] = [element for element in self.elements if element["name"] not in gone]
        self.empty_elements -= gone

    def disable(self, rule: Described, reason: str) -> None:
        """Disable a rule and report the reason."""
        rule["enabled"] = False
        self.report.disable("rule", rule["name"], reason)

    def counts(self) -> dict[str, int]:
        """Return how many resources are imported; empty data elements and omitted parts do not count."""
        kinds = [kind for _, kind, _ in self.components()]
        return {
            "extensions": len(self.extensions),
            "data_elements": len(self.element_names() - self.empty_elements),
            "rules": len(self.rules),
            "conditions": kinds.count("conditions"),
            "actions": kinds.count("actions"),
        }


def empty_document(facts: Described) -> Described:
    """Return a property document without content."""
    return {"format": FORMAT, "property": facts, "extensions": [], "data_elements": [], "rules": []}


def package_of(delegate: str) -> str:
    return delegate.partition("::")[0]
