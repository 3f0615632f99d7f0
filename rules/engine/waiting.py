"""Rules that must wait: the reason, and the state from which they continue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.errors import Misconfigured, Retry, SecretMissing
from properties.catalog.outbound import BatchItem

from .compiled import Component, Rule

RuleState = Mapping[str, Any]
"""Where a rule waits, JSON types only: ``{"rule", "action", "ruleStash", "markers"}``.

``markers`` holds the name of each credential by its secret marker. ``event`` and ``request`` are there
if custom code of the rule has changed them.

The rule waits for the answer to that action, unless the state says otherwise. With ``secret`` it waits for a
credential of that name. With ``again`` it waits until the error of a component is over: ``{"kind", "code",
"message", "after_seconds"}``; the kind is ``retry`` or ``misconfigured``. In both cases the action must
still run, or the whole rule if the action is None; ``answer`` is an answer that was not yet processed."""

# Replaces the package if a rule waits for a credential: nothing is sent, and no package is involved.
SECRETS = "secrets"


def awaited(
    rule: Rule, component: Component, reason: Retry | Misconfigured
) -> tuple[str, BatchItem, dict[str, Any]]:
    """Return the destination of the wait, an item that replaces a request, and the state of the wait."""
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
