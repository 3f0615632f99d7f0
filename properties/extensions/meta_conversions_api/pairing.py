"""Meta's rules for an event that both the Pixel and the server send.

Source: Meta, Handling Duplicate Pixel and Conversions API Events.
"""

from __future__ import annotations

from properties.catalog.pairing import PairingRules

from .duplicates import PAGE

PAIRING = PairingRules(
    vendor="Meta",
    browser="Meta Pixel",
    within_seconds=48 * 3600,
    browser_first_without_id=True,
    browser_key="fbp",
    person_key="external_id",
    destination="pixel",
    url=PAGE,
)
