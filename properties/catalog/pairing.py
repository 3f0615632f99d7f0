"""How a vendor recognises that copies from a browser and from a server are one event. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingRules:
    """The vendor's rules, and the words for what a person changes.

    A pair has the same event name and the same event id, compared exactly, at one destination.

    Args:
        vendor: Who compares, such as ``Acme``.
        browser: What sends the copy of the page, such as ``Acme Tag``.
        within_seconds: Between both copies; a later one counts again.
        browser_first_without_id: Whether copies without a common id also pair by the browser id or the person
            id, if the copy of the page comes first.
        id_key, browser_key, person_key: The vendor's names of the event id and of these two ids.
        destination: The vendor's word for a destination, such as ``account``.
        name_field, id_field: Keys of the settings of the action that sends name and id.
        url: The vendor's page.
    """

    vendor: str
    browser: str
    within_seconds: int
    browser_first_without_id: bool = False
    id_key: str = "event_id"
    browser_key: str = "browser id"
    person_key: str = "person id"
    destination: str = "destination"
    name_field: str = "eventName"
    id_field: str = "eventId"
    url: str = ""
