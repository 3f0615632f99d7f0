"""In which form the values of an action's Customer Information Parameters arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from properties.catalog.customer_data.facts import CustomerFact, Kind, Role, forms_of
from properties.catalog.descriptor import Settings

from .normalize import DIGEST
from .parameters import CUSTOMER_INFORMATION

# Meta's name → kind of the field, and what it is compared with.
_KINDS: Mapping[str, tuple[Kind, Role]] = {
    "em": ("email", "email"),
    "ph": ("phone", "phone"),
    "external_id": ("own_id", "own_id"),
    "fn": ("name", ""),
    "ln": ("name", ""),
    "ct": ("place", ""),
    "st": ("place", ""),
    "country": ("place", ""),
    "zp": ("postcode", ""),
    "db": ("birth_date", ""),
    "ge": ("gender", ""),
}
_FIELDS = tuple((row, *_KINDS[row.name]) for row in CUSTOMER_INFORMATION if row.name in _KINDS and row.hashed)


def customer_facts(settings: Settings, payload: Mapping[str, Any]) -> Iterator[CustomerFact]:
    """Yield a fact for each value of an event.

    Args:
        settings: Of the action, with tokens resolved.
        payload: The server event that was made of them; empty if none was.
    """
    sent = payload.get("user_data") or {}
    for row, kind, role in _FIELDS:
        value = settings.get(row.key)
        if value is None or value == "":
            continue
        digest = _only(sent.get(row.name)) if role else ""
        for form in forms_of(value, kind, DIGEST):
            yield CustomerFact(row.key, row.label, form, role if digest else "", digest)
    if browser := sent.get("fbp"):
        yield CustomerFact("fbp", "Browser ID", "", "visitor", str(browser))


def _only(sent: Any) -> str:
    """Return the one hash that is sent, without a suffix; "" for none and for several."""
    if isinstance(sent, list):
        sent = sent[0] if len(sent) == 1 else ""
    text = str(sent or "")
    match = DIGEST.fullmatch(text)
    return match[1] if match else text
