"""The property document that an import is about to make, and what must be said about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.element_usage import names_read

from ..reading import FORMAT
from .report import ImportReport

COMPONENT_KINDS = {"conditions": "condition", "actions": "action"}
# A path that leads to nothing in any event.
NOWHERE = {"delegate": "core::dataElements::path", "settings": {"path": "arc.event.notImported"}}

Described = dict[str, Any]


@dataclass(slots=True)
class ImportDraft:
    """A property document in the making.

    Args:
        document: As ``apply`` takes it.
        report: What is told about it.
        stand_ins: Names of data elements that are there so that settings with their tokens can be kept, and
            that give nothing: they are disabled, and so is every rule that reads one.
        credentials: Names of data elements that are disabled until a person adds a secret; what reads them
            says so by itself.
    """

    document: Described
    report: ImportReport = field(default_factory=ImportReport)
    stand_ins: set[str] = field(default_factory=set)
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
        """Each rule, kind and component."""
        for rule in self.rules:
            for kind in COMPONENT_KINDS:
                for component in rule[kind]:
                    yield rule, kind, component

    def element_names(self) -> set[str]:
        return {element["name"] for element in self.elements}

    def stand_in(self, name: str, reason: str) -> None:
        """Let ``name`` be a data element that is there and gives nothing."""
        self.stand_ins.add(name)
        self.elements[:] = [element for element in self.elements if element["name"] != name]
        self.elements.append({"name": name, **NOWHERE, "enabled": False})
        self.report.skip("data element", name, reason)

    def names_read(self) -> set[str]:
        """Names of data elements, as settings spell them."""
        every = [*self.elements, *(component for _, _, component in self.components())]
        names = [names_read(each["delegate"], each["settings"]) for each in every]
        return set().union(*names, *(names_read("", each["settings"]) for each in self.extensions))

    def drop_unread_stand_ins(self) -> None:
        """Forget stand-ins that no setting names."""
        read = {spelled for name in self.names_read() for spelled in (name, name.strip())}
        gone = self.stand_ins - read
        self.elements[:] = [element for element in self.elements if element["name"] not in gone]
        self.stand_ins -= gone

    def disable(self, rule: Described, reason: str) -> None:
        """Switch a rule off and say why."""
        rule["enabled"] = False
        self.report.disable("rule", rule["name"], reason)

    def counts(self) -> dict[str, int]:
        """How much comes over; stand-ins and what was left out do not count."""
        kinds = [kind for _, kind, _ in self.components()]
        return {
            "extensions": len(self.extensions),
            "data_elements": len(self.element_names() - self.stand_ins),
            "rules": len(self.rules),
            "conditions": kinds.count("conditions"),
            "actions": kinds.count("actions"),
        }


def empty_document(facts: Described) -> Described:
    """A property document without content."""
    return {"format": FORMAT, "property": facts, "extensions": [], "data_elements": [], "rules": []}


def package_of(delegate: str) -> str:
    return delegate.partition("::")[0]
