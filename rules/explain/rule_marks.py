"""Words and signs for rules and their components as they ran."""

from __future__ import annotations

from .outcome_words import ShownOutcome, unknown_outcome

RULES = {
    "success": ShownOutcome("Matched", "ok", "ok"),
    "condition_not_met": ShownOutcome("Not matched", "nomatch", "none"),
    "failed": ShownOutcome("Failed", "notsent", "bad"),
}
CONDITIONS = {
    True: ShownOutcome("Met", "ok", "ok"),
    False: ShownOutcome("Not met", "nomatch", "none"),
    None: ShownOutcome("Failed", "notsent", "bad"),
}
ACTION_RAN = ShownOutcome("Ran", "ok", "ok")
ACTION_FAILED = ShownOutcome("Failed", "notsent", "bad")
NOT_REACHED = ShownOutcome("Not reached", "nomatch", "none")
WAITS = ShownOutcome("On hold", "hold", "warn")


def rule_mark(status: str) -> ShownOutcome:
    """Return the mark of a rule; a status that a newer version wrote shows its name."""
    return RULES.get(status) or unknown_outcome(status)
