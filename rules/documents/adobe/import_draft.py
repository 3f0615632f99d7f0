"""The property document that an import will apply, and its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.element_usage import names_read
from properties.catalog.tokens import token
from properties.models import Property

from ..reading import FORMAT
from .kept_as_code import CODE_TYPES, code_that_keeps
from .report import ImportReport

COMPONENT_KINDS = {"events": "event", "conditions": "condition", "actions": "action"}
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
        kept_elements: Those empty data elements of tags whose code keeps Adobe's settings.
        names_by_id: Id of each data element at Adobe → its name.
        kept: Ids (``id()``) of components that only keep Adobe's settings, in a disabled rule of tags.
    """

    document: Described
    report: ImportReport = field(default_factory=ImportReport)
    empty_elements: set[str] = field(default_factory=set)
    credentials: set[str] = field(default_factory=set)
    kept_elements: set[str] = field(default_factory=set)
    names_by_id: dict[str, str] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)

    @property
    def platform(self) -> str:
        return str(self.document["property"]["platform"])

    @property
    def is_tags(self) -> bool:
        return self.platform == Property.Platform.WEB

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
                for component in rule.get(kind, ()):
                    yield rule, kind, component

    def element_names(self) -> set[str]:
        return {element["name"] for element in self.elements}

    def add_empty(self, name: str, reason: str, delegate: str = "", settings: Any = None) -> None:
        """Make ``name`` a disabled data element without a value.

        Args:
            name: Its name.
            reason: Why it has no value, for the report.
            delegate, settings: Of the data element at Adobe. In tags, code keeps them in a comment.
        """
        self.empty_elements.add(name)
        self.elements[:] = [element for element in self.elements if element["name"] != name]
        self.elements.append({"name": name, **self._nowhere(delegate, settings), "enabled": False})
        if self.is_tags and delegate:
            self.kept_elements.add(name)
        self.report.skip("data element", name, reason)

    def _nowhere(self, delegate: str, settings: Any) -> Described:
        if not self.is_tags:
            return NOWHERE
        code = code_that_keeps("dataElements", delegate, settings or {})
        return {"delegate": CODE_TYPES["dataElements"], "settings": {"source": code}}

    def names_read(self) -> set[str]:
        """Return the names of data elements, as settings spell them."""
        every = [*self.elements, *(component for _, _, component in self.components())]
        names = [names_read(each["delegate"], each["settings"]) for each in every]
        return set().union(*names, *(names_read("", each["settings"]) for each in self.extensions))

    def every_settings(self) -> list[Any]:
        """Return the settings of every extension, data element and component."""
        components = (component for _, _, component in self.components())
        return [each["settings"] for each in (*self.extensions, *self.elements, *components)]

    def with_element_names(self, settings: Described, keys: Sequence[str]) -> Described:
        """Return settings with the token of a data element in the place of its id at Adobe."""
        names = {key: self.names_by_id.get(str(settings.get(key))) for key in keys}
        return settings | {key: token(name) for key, name in names.items() if name}

    def drop_unread_empty_elements(self) -> None:
        """Remove the empty data elements that no setting names, unless they keep something."""
        read = {spelled for name in self.names_read() for spelled in (name, name.strip())}
        gone = self.empty_elements - self.kept_elements - read
        self.elements[:] = [element for element in self.elements if element["name"] not in gone]
        self.empty_elements -= gone

    def disable(self, rule: Described, reason: str) -> None:
        """Disable a rule and report the reason."""
        rule["enabled"] = False
        self.report.disable("rule", rule["name"], reason)

    def counts(self) -> dict[str, int]:
        """Return how many resources are imported; parts without their function do not count."""
        kinds = [kind for _, kind, component in self.components() if id(component) not in self.kept]
        return {
            "extensions": len(self.extensions),
            "data_elements": len(self.element_names() - self.empty_elements),
            "rules": len(self.rules),
            **{kind: kinds.count(kind) for kind in COMPONENT_KINDS if kind != "events" or self.is_tags},
        }


def empty_document(facts: Described) -> Described:
    """Return a property document without content."""
    return {"format": FORMAT, "property": facts, "extensions": [], "data_elements": [], "rules": []}


def package_of(delegate: str) -> str:
    return delegate.partition("::")[0]
