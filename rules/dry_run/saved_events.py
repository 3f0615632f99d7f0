"""Saving an event under a name, without the customer data in it."""

from __future__ import annotations

import json
import re
from typing import Any

from django.db import IntegrityError, transaction

from properties.http.curl import NOW
from properties.models import Property
from properties.saving import record
from rules.engine import mask_lookalikes
from rules.models import InboundEvent, SavedEvent

from .samples import NoSample, pasted_event

MOST_SAVED = 100
LONGEST_NAME = 100
# The edge gives these to each event anew; identities belong to a visitor.
_LEFT_OUT = frozenset({"_id", "timestamp", "identityMap", "endUserIDs", "cookies"})
# Part of a key → an example that packages accept. The first that fits decides.
_EXAMPLES = tuple(
    (re.compile(pattern, re.IGNORECASE), example)
    for pattern, example in (
        (r"e-?mail|^em$", "jane.doe@example.com"),
        (r"phone|mobile|^tel|^ph$", "+1 650 555 1212"),
        (r"first_?name|given_?name|^fn$", "Jane"),
        (r"last_?name|family_?name|surname|^ln$", "Doe"),
        (r"full_?name|customer_?name|user_?name|^name$", "Example"),
        (r"birth|^dob$|^db$", "19900131"),
        (r"gender|^ge$", "f"),
        (r"zip|postal|post_?code|^zp$", "94304"),
        (r"city|town|^ct$", "Palo Alto"),
        (r"street|address|^addr", "1 Example Street"),
        (r"^ip|_ip$|ipv[46]", "203.0.113.7"),
        (r"^event_?id$|^order_?id$|transaction_?id", f"test-{NOW}"),
        (r"external_?id|user_?id|customer_?id|client_?id|visitor_?id|device_?id|lead_?id|ecid|^madid$|^anon",
         "example-id"),
        (r"cl(?:ick_?)?id$|clkid$|token|password|secret|session", ""),
    )
)  # fmt: skip


# An id that a browser or a click got from a vendor: letters, a version, then numbers.
_VISITOR_ID = re.compile(r"[A-Za-z]{2,4}\d?\.\d+\.[\w.-]+")


class NotSaved(Exception):
    """The event was not saved; the message says what to do."""


def without_customer_data(value: Any, key: str = "") -> Any:
    """Return a copy of an event with examples in place of the customer data that is recognised.

    Recognised are the usual names of such fields, and texts that look like email addresses, phone numbers or
    credentials. What belongs to one visitor goes: click and browser ids become empty, addresses lose their
    query.
    """
    if isinstance(value, dict):
        return {name: without_customer_data(it, name) for name, it in value.items() if name not in _LEFT_OUT}
    if isinstance(value, list):
        return [without_customer_data(it, key) for it in value]
    if value is None or isinstance(value, bool):
        return value
    example = next((it for pattern, it in _EXAMPLES if pattern.search(key)), None)
    if example is not None:
        return example
    if isinstance(value, str) and _VISITOR_ID.fullmatch(value):
        return ""
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        value = value.partition("?")[0].partition("#")[0]
    return value if mask_lookalikes(value) == value else "example"


def example_of(event: InboundEvent) -> str:
    """Return the JSON of a stored event without customer data, for a person to look through."""
    return json.dumps(without_customer_data(event.call()["event"]), indent=2, ensure_ascii=False)


def text_of(saved: SavedEvent) -> str:
    """Return the JSON of a saved event, as a person reads and sends it."""
    return json.dumps({"xdm": saved.xdm, "data": saved.data}, indent=2, ensure_ascii=False)


def save_event(prop: Property, name: str, text: str, actor: Any) -> SavedEvent:
    """Save an event.

    Args:
        text: Its JSON, as a person left it.

    Raises:
        NotSaved: It needs another name, or is no event.
    """
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise NotSaved(f"Give the event a name of at most {LONGEST_NAME} characters.")
    try:
        event = pasted_event(text)
    except NoSample as error:
        raise NotSaved(str(error)) from None
    if prop.saved_events.count() >= MOST_SAVED:
        raise NotSaved(f"This property has {MOST_SAVED} saved events. Delete one first.")
    saved = SavedEvent(prop=prop, name=name, created_by=str(actor)[:255], **event)
    try:
        with transaction.atomic():
            saved.save()
            record(prop, "saved_event.created", saved, actor)
    except IntegrityError:
        raise NotSaved(f"Another saved event is called “{name}”. Choose another name.") from None
    return saved


@transaction.atomic
def delete_saved(saved: SavedEvent, actor: Any) -> None:
    record(saved.prop, "saved_event.deleted", saved, actor)
    saved.delete()
