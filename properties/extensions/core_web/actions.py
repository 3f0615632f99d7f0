"""The actions of rules in the browser."""

from __future__ import annotations

from properties.catalog.descriptor import ActionType, Field
from properties.catalog.tokens import without_tokens

from . import examples
from .adoption import adopt_code, adopted, lacks_scripts
from .code_fields import source_field, summarize_code
from .sources import CORE

CUSTOM_CODE = ActionType(
    name="custom-code",
    title="Custom Code",
    description="Runs JavaScript on the page.",
    fields=(
        source_field(
            ("event", "target", "Promise"),
            "this is the element of the event. The next action can wait for a promise that the code returns.",
            "console.log(event.element);",
        ),
    ),
    client="code_action.js",
    summary=summarize_code,
    help_url=CORE,
    replaces=(adopted("actions", "custom-code"),),
    adopt=adopt_code,
    lacks=lacks_scripts,
    examples=examples.ACTIONS["custom-code"],
)
TRIGGER_DIRECT_CALL = ActionType(
    name="trigger-direct-call",
    title="Trigger Direct Call",
    description="Starts the rules that have this direct call.",
    fields=(
        Field(key="identifier", label="Identifier", required=True, placeholder="order complete"),
        Field(
            key="detail.eventObjectEntries",
            label="Event detail",
            type="rows",
            help="Becomes event.detail in those rules.",
            properties=[
                Field(key="key", label="Key", required=True, placeholder="coupon"),
                Field(key="value", label="Value", placeholder="SUMMER"),
            ],
        ),
    ),
    client="trigger_direct_call.js",
    summary=lambda settings: without_tokens(str(settings.get("identifier", ""))),
    help_url=CORE,
    replaces=(adopted("actions", "direct-call"),),
    examples=examples.ACTIONS["trigger-direct-call"],
)
ACTION_TYPES = (CUSTOM_CODE, TRIGGER_DIRECT_CALL)
