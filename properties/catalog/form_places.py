"""The environments of the property for which a typed credential is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Sent with every form that offers the choice, so that no ticked box counts as a choice too.
SHOWN = "credential-places"
NAME = "credential-place"


@dataclass(frozen=True, slots=True)
class Places:
    """The environments that a typed credential can be stored for.

    Args:
        choices: (key, name) of each.
        chosen: Keys of those that are ticked in a new form.
        stored_for: Name of a stored credential → its environments, in words that follow “Stored”.
    """

    choices: Sequence[tuple[str, str]] = ()
    chosen: Sequence[str] = ()
    stored_for: Mapping[str, str] = field(default_factory=dict)

    def sent(self, data: Any, prefix: str) -> list[str]:
        """Return the keys that a person chose, or the defaults if the form did not ask."""
        if prefix + SHOWN not in data:
            return list(self.chosen)
        known = {key for key, _ in self.choices}
        listed = data.getlist(prefix + NAME) if hasattr(data, "getlist") else data.get(prefix + NAME, [])
        return [key for key in listed if key in known]
