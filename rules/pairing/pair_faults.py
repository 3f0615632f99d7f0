"""The faults that keep a vendor from recognising two copies, and how two copies differ. Plain Python."""

from __future__ import annotations

from enum import StrEnum

from rules.models import EventCopy

from .known_copies import Copy


class PairFault(StrEnum):
    """What is wrong with a pair, or with a copy that has none. The order is that of the page."""

    CASE = "case"
    SPACE = "space"
    TYPE = "type"
    OWN_IDS = "own_ids"
    NO_BROWSER_ID = "no_browser_id"
    NO_SERVER_ID = "no_server_id"
    NO_IDS = "no_ids"
    SERVER_FIRST = "server_first"
    NAME_CASE = "name_case"
    NAME = "name"
    DESTINATION = "destination"
    LATE = "late"
    REUSED = "reused"
    BROWSER_ONLY = "browser_only"
    SERVER_ONLY = "server_only"


_FORMS = (
    (EventCopy.FORM_SPACE, PairFault.SPACE),
    (EventCopy.FORM_CASE, PairFault.CASE),
    (EventCopy.FORM_TYPE, PairFault.TYPE),
)


def differences(browser: Copy, server: Copy) -> set[PairFault]:
    """Return how two copies with the same plain id differ."""
    found = _of_ids(browser, server) if browser.id_hash != server.id_hash else set()
    if browser.name != server.name:
        found.add(of_names(browser, server))
    if browser.destination != server.destination:
        found.add(PairFault.DESTINATION)
    return found


def of_names(browser: Copy, server: Copy) -> PairFault:
    """Return how two names differ that are not the same."""
    return PairFault.NAME_CASE if browser.name.casefold() == server.name.casefold() else PairFault.NAME


def _of_ids(browser: Copy, server: Copy) -> set[PairFault]:
    # Both may have blanks or capitals, in other places: then what one of them has is the difference.
    form = (browser.form ^ server.form) or (browser.form | server.form)
    return {fault for bit, fault in _FORMS if form & bit}
