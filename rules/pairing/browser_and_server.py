"""Which copies are those of the browser, and which are those of a server. Plain Python."""

from __future__ import annotations

from collections.abc import Sequence

from .known_copies import PAGE, SCRIPT, SERVER, Copy


def split(copies: Sequence[Copy]) -> tuple[list[Copy], list[Copy]]:
    """Return the copies of the browser and those of servers.

    What the page gave to the vendor's script is of the browser, and what a server reported is of the server.
    What we sent for an event of a page is of the server, too, if the page used the vendor's script for it. If
    it did not, and a server reports the same kind of event, it is the copy of the browser.
    """
    scripts = [it for it in copies if it.side == SCRIPT]
    told = {it.event_id for it in scripts}
    by_script = {(it.destination, it.name.casefold()) for it in scripts}
    by_server = {(it.destination, it.name.casefold()) for it in copies if it.side == SERVER}
    destinations = {it.destination for it in copies if it.side == SERVER}

    def is_of_browser(copy: Copy) -> bool:
        if copy.side != PAGE:
            return copy.side == SCRIPT
        if not scripts:
            return copy.destination in destinations
        kind = (copy.destination, copy.name.casefold())
        return copy.event_id not in told and kind not in by_script and kind in by_server

    sides: tuple[list[Copy], list[Copy]] = [], []
    for copy in copies:
        sides[0 if is_of_browser(copy) else 1].append(copy)
    return sides
