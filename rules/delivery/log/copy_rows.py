"""Writes down the copies of events that a vendor should recognise as one: from the page, and from us.

Ids are kept as keyed hashes: as they are, and in a plain form, so that near misses are found without text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from hashlib import blake2b, sha256
from typing import Any

from django.conf import settings

from properties.catalog import registry
from rules.models import Delivery, EventCopy, InboundEvent

from ..in_flight import Ticket
from ..outcomes import DUPLICATE
from ..page_marks import PageCopy
from .lines import Sent
from .rows_sql import insert_copies

# A page shows seven days, and a partner may be three days older.
DAYS_KEPT = 10
_NUMBER = re.compile(r"\+?0*([0-9]+)(?:\.0*)?")
_SCRIPT, _PAGE, _SERVER, _BOTH = (int(it) for it in EventCopy.Side)
_UNSENT = frozenset({Delivery.State.DEAD, Delivery.State.EXPIRED, Delivery.State.ERASED})
Row = tuple[Any, ...]


def write_copies(ended: Iterable[tuple[Ticket, Sequence[Sent]]]) -> None:
    """Write the copies of events that have run. An event that runs again has written its copies before."""
    insert_copies([row for ticket, sent in ended if not ticket.event.replays for row in _rows(ticket, sent)])


def _rows(ticket: Ticket, sent: Sequence[Sent]) -> Iterator[Row]:
    event, page = ticket.event, ticket.page
    ours = [it for it in sent if _is_copy(it)]
    told = list(page.copies)
    for each in ours:
        delivery, facts = each.delivery, each.facts
        # An event without an id gets ours, which no page can know.
        event_id = "" if delivery.server_event_id == str(event.id) else delivery.server_event_id
        copy = PageCopy(delivery.destination, delivery.name, event_id)
        side = _PAGE if page.is_from_page else _SERVER
        if copy in told and (not page.cookies or (facts and facts.browser_id)):
            # Nearly always the page has told of the same copy, of the same browser: one row for both.
            told.remove(copy)
            side = _BOTH
        more = (facts.order_id, facts.browser_id, facts.person_id) if facts else ("", "", "")
        yield _row(event, side, copy, more)
    for copy in told:
        yield _row(event, _SCRIPT, copy, ("", *_of_visitor(ticket, copy, ours)))


def _is_copy(sent: Sent) -> bool:
    """Return whether a delivery reaches the vendor, or would but for the same event before it."""
    delivery = sent.delivery
    if delivery.delegate not in _pairing_delegates() or not delivery.name:
        return False
    return delivery.state not in _UNSENT or delivery.code == DUPLICATE


@cache
def _pairing_delegates() -> frozenset[str]:
    """Return the actions whose vendor recognises a copy of the page."""
    return frozenset(
        f"{package.name}::actions::{action.name}"
        for package in registry.packages().values()
        for action in package.actions
        if action.pairing
    )


@cache
def _browser_cookies() -> tuple[str, ...]:
    packages = registry.packages()
    named = {delegate.partition("::")[0] for delegate in _pairing_delegates()}
    return tuple(it.cookie for name in sorted(named) for it in packages[name].browser_ids)


def _of_visitor(ticket: Ticket, copy: PageCopy, ours: Sequence[Sent]) -> tuple[str, str]:
    """Return browser id and person id of a copy of the page: those of the copy that we sent with it."""
    facts = next((it.facts for it in ours if it.facts and it.delivery.destination == copy.destination), None)
    cookies = ticket.page.cookies
    browser_id = facts.browser_id if facts else ""
    if not browser_id:
        browser_id = next((str(found) for name in _browser_cookies() if (found := cookies.get(name))), "")
    return browser_id, facts.person_id if facts else ""


def _row(event: InboundEvent, side: int, copy: PageCopy, more: Sequence[str]) -> Row:
    hasher = _hasher(settings.SECRET_KEY, event.property_id)
    id_hash = plain_hash = None
    form = 0
    if copy.id:
        id_hash = plain_hash = _hash(hasher, copy.id)
        plain, form = plain_form(copy.id)
        if form:
            plain_hash = _hash(hasher, plain)
    order, browser, person = [_hash(hasher, it) if it else None for it in more]
    place = (event.id, event.environment_id, side, copy.destination, copy.name)
    return (*place, id_hash, plain_hash, form, order, browser, person)


def plain_form(text: str) -> tuple[str, int]:
    """Return an id without what people and programs change unknowingly, and a sum of ``FORM_*`` of that."""
    squeezed = text if text.isalnum() else "".join(text.split())
    plain = squeezed.casefold()
    form = EventCopy.FORM_SPACE * (squeezed != text) + EventCopy.FORM_CASE * (plain != squeezed)
    if plain[:1] in "+0123456789" and (number := _NUMBER.fullmatch(plain)) and number[1] != plain:
        return number[1], form + EventCopy.FORM_TYPE
    return plain, form


def _hash(hasher: blake2b, text: str) -> int:
    started = hasher.copy()
    started.update(text.encode(errors="replace"))
    return int.from_bytes(started.digest(), "big", signed=True)


@lru_cache(maxsize=256)
def _hasher(secret: str, property_id: int) -> blake2b:
    """Return the begin of a hash, which one property alone has: its key comes from the installation's."""
    key = sha256(f"event copies:{property_id}:{secret}".encode()).digest()
    return blake2b(key=key, digest_size=8)


def forget_copies(now: datetime, limit: int = 1_000) -> int:
    """Remove copies that no page shows any more; return how many."""
    oldest = InboundEvent.first_id_at(now - timedelta(days=DAYS_KEPT))
    # Rows are in the order of time, so newer ones need not be read.
    first = list(EventCopy.objects.order_by("id").values_list("id", flat=True)[:limit])
    return EventCopy.objects.filter(id__in=first, event_id__lt=oldest).delete()[0]
