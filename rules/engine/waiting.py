"""Rules that cannot go on now: the state that they go on from, and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.errors import Misconfigured, Retry, SecretMissing
from properties.catalog.outbound import BatchItem

from .compiled import Component, Rule

RuleState = Mapping[str, Any]
"""Where a rule waits, JSON types only: ``{"rule", "action", "ruleStash", "markers"}``.

``markers`` are the names of credentials by the text that stands for each. ``event`` and ``request`` are there
if custom code of the rule has changed them.

The rule waits for the answer to that action, unless the state says otherwise. With ``secret`` it waits for a
credential of that name. With ``again`` it waits for the end of what a component raised: ``{"kind", "code",
"message", "after_seconds"}``, the kind being ``retry`` or ``misconfigured``. In both cases the action is
still to be run, or the whole rule if the action is None; ``answer`` is an answer that could not be taken."""

# In place of the package where a rule waits for a credential: nothing is sent, and no package is concerned.
SECRETS = "secrets"


def awaited(
    rule: Rule, component: Component, reason: Retry | Misconfigured
) -> tuple[str, BatchItem, dict[str, Any]]:
    """Return whom the wait is for, an item in place of a request, and what the state says about the wait."""
    if isinstance(reason, SecretMissing):
        secret = reason.secret
        item = BatchItem(f"Secret “{secret}”", {"secret": secret}, {}, name=rule.name)
        return f"{SECRETS}::awaited", item, {"secret": secret}
    title = f"{rule.name}: {component.name or component.type.title}"
    item = BatchItem(title, {"rule": rule.id, "component": component.id}, {}, name=rule.name)
    return component.delegate, item, {"again": _until(reason)}


def _until(reason: Retry | Misconfigured) -> dict[str, Any]:
    again = {"code": reason.code, "message": reason.message}
    if isinstance(reason, Retry):
        return {"kind": "retry", **again, "after_seconds": reason.after_seconds}
    return {"kind": "misconfigured", **again, "after_seconds": None}
