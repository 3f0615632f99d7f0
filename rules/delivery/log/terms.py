"""Search terms: texts by which people find an event, as 64 bits of a hash.

One property never finds the events of another: its id is part of the hash. A term of another text has the
same hash once in a few hundred million searches; such an event is shown too.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from rules.models import InboundEvent

ID, EMAIL = "id", "email"
MILLISECONDS_OF_DAY = 86_400_000
LONGEST_TEXT = 1_000


def term(property_id: int, kind: str, text: str) -> int:
    """Return the hash of a text, as the database stores it: a signed number of 64 bits.

    Args:
        kind: ``ID`` for any id of an event or an order, ``EMAIL`` for the SHA-256 of an address.
    """
    data = f"{property_id}:{kind}:{text[:LONGEST_TEXT]}".encode(errors="replace")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def day_of(event_id: int) -> int:
    """Return the days from 1970 to the arrival of an event."""
    return (event_id >> InboundEvent.BITS_BELOW_TIME) // MILLISECONDS_OF_DAY


def terms_of(property_id: int, ids: Iterable[str], emails: Iterable[str]) -> set[int]:
    """Return the hashes of the ids and addresses of one event."""
    found = {term(property_id, ID, text) for text in ids if text}
    return found | {term(property_id, EMAIL, text) for text in emails if text}
