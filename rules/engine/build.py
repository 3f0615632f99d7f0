"""A compiled build, as data. :mod:`.compiling` makes it, :mod:`.running` runs it.

Source: docs/reference/adobe.md, "The build document"; `modulePath` holds the delegate descriptor id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import Read

from .compiled import Element, Rule
from .sieve import Sieve


@dataclass(frozen=True, slots=True)
class CompiledBuild:
    """A build ready to run, in any number of threads at once.

    Args:
        build_info: ``buildInfo`` of the document.
        default_country: ISO 3166-1 alpha-2 of the property, lower-case, or "".
        elements: Data elements by name.
        readers: The function that reads each data element which depends only on the stored event, by name.
        rules: In the order of the document.
        sieve: Finds the rules that an event may meet.
        private_elements: Names of the data elements whose values are masked wherever people see them.
        has_code: Whether a rule or a data element has custom code.
    """

    build_info: Mapping[str, Any]
    default_country: str
    elements: Mapping[str, Element]
    readers: Mapping[str, Read]
    rules: tuple[Rule, ...]
    sieve: Sieve
    private_elements: frozenset[str]
    has_code: bool = False

    def element(self, name: str) -> Element | None:
        """The data element that a token means; outer blanks count only if a name has them."""
        return self.elements.get(name) or self.elements.get(name.strip())
