"""Badges of rules and their components. The text always says what the colour says.

``event_states`` has those of events and deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Badge:
    """A word and its class in the style sheet."""

    label: str
    css: str


RULE = {
    "success": Badge("Ran", "badge-ok"),
    "condition_not_met": Badge("Conditions not met", "badge-muted"),
    "failed": Badge("Failed", "badge-bad"),
}
CONDITION = {
    True: Badge("Met", "badge-ok"),
    False: Badge("Not met", "badge-muted"),
    None: Badge("Failed", "badge-bad"),
}
ACTION_RAN = Badge("Ran", "badge-ok")
ACTION_FAILED = Badge("Failed", "badge-bad")
NOT_REACHED = Badge("Not reached", "badge-muted")
WAITING = Badge("Waiting", "badge-warn")


def badge(table: dict[str, Badge], key: str) -> Badge:
    """The badge of a state; one that a newer version wrote is shown by its name."""
    return table.get(key) or Badge(key.replace("_", " ").capitalize() or "Unknown", "badge-muted")
