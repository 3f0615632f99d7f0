"""Where a credential that is typed into a form belongs: the environments of the property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Sent with every form that shows the choice: no box that is ticked is then a choice, too.
SHOWN = "credential-places"
NAME = "credential-place"


@dataclass(frozen=True, slots=True)
class Places:
    """The environments that a typed credential can be stored for.

    Args:
        choices: (key, name) of each.
        chosen: Keys of those that are ticked before anybody has touched the form.
        told: Name of a stored credential → where it belongs, in words that follow “Stored”.
    """

    choices: Sequence[tuple[str, str]] = ()
    chosen: Sequence[str] = ()
    told: Mapping[str, str] = field(default_factory=dict)

    def sent(self, data: Any, prefix: str) -> list[str]:
        """The keys that a person chose; what is ticked at first where the form did not ask."""
        if prefix + SHOWN not in data:
            return list(self.chosen)
        known = {key for key, _ in self.choices}
        listed = data.getlist(prefix + NAME) if hasattr(data, "getlist") else data.get(prefix + NAME, [])
        return [key for key in listed if key in known]
