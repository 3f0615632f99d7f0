"""Keeps a part of a tags property that cannot run here, as code without effect and with a comment.

Nothing is lost: a person who rewrites the part finds Adobe's settings in its place, and an export has them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

CODE_TYPES: Mapping[str, str] = {
    kind: f"core-web::{kind}::custom-code" for kind in ("events", "conditions", "actions", "dataElements")
}
KEPT = "Its settings are kept in a comment of Custom Code in its place."
# A condition that fails is never met, not even as an exception.
_ENDS: Mapping[str, str] = {
    "events": "// Call trigger() to start the rule.",
    "conditions": "throw new Error('This condition was not imported.');",
    "actions": "",
    "dataElements": "return undefined;",
}


def code_that_keeps(kind: str, delegate: str, settings: Any) -> str:
    """Return code without effect.

    Args:
        kind: ``events``, ``conditions``, ``actions`` or ``dataElements``.
        delegate: Delegate descriptor id at Adobe; "" if there is none.
        settings: The settings at Adobe, or the text that should hold them.
    """
    if not delegate:
        return _ENDS[kind]
    text = settings if isinstance(settings, str) else json.dumps(settings, indent=2)
    # Line breaks of every kind end a comment in JavaScript.
    lines = [f"Not imported: {delegate}. Its settings:", *text.splitlines()]
    return "\n".join([*(f"// {line}".rstrip() for line in lines), _ENDS[kind]]).rstrip()
