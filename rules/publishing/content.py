"""The content of a build: frozen snapshots by kind. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Snapshot = Mapping[str, Any]
# The kinds of components, in the order in which they run, with their nouns.
COMPONENT_NOUNS = {"events": "Event", "conditions": "Condition", "actions": "Action"}


@dataclass(frozen=True, slots=True)
class Content:
    """Snapshots of the resources of one property, in a fixed order.

    Args:
        extensions, data_elements, rules: As ``Resource.snapshot`` returns them.
    """

    extensions: tuple[Snapshot, ...] = ()
    data_elements: tuple[Snapshot, ...] = ()
    rules: tuple[Snapshot, ...] = ()

    def delegates(self) -> Iterator[str]:
        """Yield the delegate descriptor id of every data element and component."""
        yield from (element["delegate"] for element in self.data_elements)
        for rule in self.rules:
            yield from (component["delegate"] for component in components_of(rule))

    def element_names(self) -> frozenset[str]:
        return frozenset(element["name"] for element in self.data_elements)


def live_part(content: Content) -> Content:
    """Return the part that is built: enabled resources, and the extensions that one of them uses."""
    enabled = Content(
        extensions=_enabled(content.extensions),
        data_elements=_enabled(content.data_elements),
        rules=_enabled(content.rules),
    )
    used = {package_name(delegate) for delegate in enabled.delegates()}
    extensions = tuple(snapshot for snapshot in enabled.extensions if snapshot["package"] in used)
    return Content(extensions, enabled.data_elements, enabled.rules)


def components_of(rule: Snapshot) -> Iterator[Snapshot]:
    """Yield the components of a rule, of every kind. Only rules of tags have events."""
    for kind in COMPONENT_NOUNS:
        yield from rule.get(kind, ())


def package_name(delegate: str) -> str:
    """Return ``core`` for ``core::conditions::value-comparison``."""
    return delegate.partition("::")[0]


def _enabled(snapshots: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    return tuple(snapshot for snapshot in snapshots if snapshot["enabled"])
