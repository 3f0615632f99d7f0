"""Badges of rules and their components. The text always carries the meaning of the colour.

``event_states`` has the badges of events and deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Badge:
    """A label and its class in the style sheet."""

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
    """Return the badge of a state; an unknown state, written by a newer version, shows its name."""
    return table.get(key) or Badge(key.replace("_", " ").capitalize() or "Unknown", "badge-muted")
