"""Filters of the event log and its position in the list, all in the address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.utils import timezone

from properties.models import Property
from properties.models.identifiers import LARGEST_ROW_ID, row_id
from rules.delivery.outcome_kinds import OutcomeKind
from rules.explain.refusals import CauseKey
from rules.models import InboundEvent

from .search import Search, read_search, without_address

# No index serves a last look over all events of a property: one looks at so many, then continues on request.
SEARCHED_AT_ONCE = 20_000
RANGES = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
NAMES = (
    "environment", "range", "since", "until", "q", "result", "rule", "destination", "extension", "test",
    "cause", "replay",
)  # fmt: skip
# Filters of addresses from before, beside those above.
EARLIER = {"id": "q", "name": "q"}
RESULTS_OF_STATE = {
    "received": "sending",
    "open": "retrying,on_hold,sending",
    "delivered": "delivered,without",
    "no_match": "no_match",
    "dead": "refused,not_sent,duplicate",
    "expired": "not_sent",
    "erased": "not_sent",
}
RESULTS = frozenset(OutcomeKind)
ANY_TEST = "1"
_TEST_CODE = re.compile(r"[!-~]{1,60}")


@dataclass(frozen=True, slots=True)
class EventLogFilter:
    """The filters that a person chose.

    Args:
        environment: uid of an environment; empty for all of the property.
        range: A key of ``RANGES``, or empty if ``since`` or ``until`` say it.
        since, until: Times in ISO 8601; without a zone in UTC.
        q: Text of the search field, without a plain email address: see ``search.py``.
        result: One of ``OutcomeKind``, or several with commas.
        rule: uid of a rule.
        destination: As deliveries name it.
        extension: Name of a package.
        test: ``1``: only events with a test code; else the code that they carry.
        cause: Cause of refusals, as ``CauseKey`` writes it.
        replay: uid of a replay.
        before: Only events with a smaller id.
    """

    environment: str = ""
    range: str = ""
    since: str = ""
    until: str = ""
    q: str = ""
    result: str = ""
    rule: str = ""
    destination: str = ""
    extension: str = ""
    test: str = ""
    cause: str = ""
    replay: str = ""
    before: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], *, usual_range: str = "") -> EventLogFilter:
        """Read the address of a page; invalid values are ignored.

        Args:
            usual_range: The range if the address names none.
        """
        given = {new: query.get(old, "") for old, new in EARLIER.items() if query.get(old)}
        given["result"] = RESULTS_OF_STATE.get(query.get("state", ""), "")
        values = {name: _cleaned(query.get(name, "") or given.get(name, "")) for name in NAMES}
        values["q"] = without_address(values["q"])
        values |= {name: "" for name, allows in _ALLOWS.items() if not allows(values[name])}
        if not (values["range"] or values["since"] or values["until"]):
            values["range"] = usual_range
        elif values["range"]:
            values["since"] = values["until"] = ""
        return cls(**values, before=row_id(query.get("before", "")))

    @property
    def is_active(self) -> bool:
        """Whether a filter is set; the environment and the time range belong to every page."""
        return any(getattr(self, name) for name in NAMES[4:])

    @property
    def results(self) -> frozenset[str]:
        """The outcomes that fit; empty if all do."""
        return frozenset(self.result.split(",")) if self.result else frozenset()

    @property
    def search(self) -> Search:
        return read_search(self.q)

    def query(self, **more: object) -> str:
        """Return a query with these filters, without the position in the list."""
        own = {name: getattr(self, name) for name in NAMES}
        return urlencode({name: value for name, value in {**own, **more}.items() if value})

    def pinned(self) -> EventLogFilter:
        """Return the same filter with fixed times: what a person has counted stays what it means."""
        now = timezone.now()
        since = (now - RANGES[self.range]).isoformat() if self.range else self.since
        until = now.isoformat() if self.range or not self.until else self.until
        return replace(self, range="", since=since, until=until, before=None)

    def bounds(self) -> tuple[int, int]:
        """Return the smallest id that fits, and the smallest one above all that fit."""
        low = _first_id(timezone.now() - RANGES[self.range]) if self.range else 0
        if not self.range and (since := _moment(self.since)):
            low = _first_id(since)
        until = None if self.range else _moment(self.until)
        high = LARGEST_ROW_ID if until is None else _first_id(until + timedelta(milliseconds=1))
        return low, min(high, LARGEST_ROW_ID if self.before is None else self.before)


def is_plain_address(query: Mapping[str, str]) -> bool:
    """Return whether an address holds an email address in plain: the page then redirects to its hash."""
    typed = query.get("q", "")
    return "@" in typed and without_address(typed) != typed


def _cleaned(value: str) -> str:
    return value.replace("\0", "").strip()[:255]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _first_id(moment: datetime) -> int:
    """Return the first id at a time; times that no id can have become the nearest one."""
    try:
        return min(max(InboundEvent.first_id_at(moment), 0), LARGEST_ROW_ID)
    except (OverflowError, ValueError):
        return 0


_ALLOWS: dict[str, Callable[[str], bool]] = {
    "range": lambda text: text in RANGES,
    "since": lambda text: _moment(text) is not None,
    "until": lambda text: _moment(text) is not None,
    "result": lambda text: RESULTS.issuperset(text.split(",")),
    "test": lambda text: _TEST_CODE.fullmatch(text) is not None,
    "cause": lambda text: CauseKey.read(text) is not None,
}


def search_floor(prop: Property, before: int | None) -> int | None:
    """Return the oldest id that one search covers; None if it reaches the end."""
    ids = InboundEvent.objects.filter(property_id=prop.pk).order_by("-id").values_list("id", flat=True)
    if before is not None:
        ids = ids.filter(id__lt=before)
    last = list(ids[SEARCHED_AT_ONCE - 1 : SEARCHED_AT_ONCE])
    return last[0] if last else None
