"""What a filter means for the database: a span of ids, and the groups and events that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.utils import timezone

from properties.models import Environment, Property
from properties.models.identifiers import row_id
from rules.delivery.log.terms import EMAIL, ID, day_of, term
from rules.delivery.outcome_kinds import OutcomeKind
from rules.explain.refusals import CauseKey
from rules.models import Delivery, InboundEvent, LogGroup, Replay, ReplayedEvent, SearchTerm

from .filters import ANY_TEST, EventLogFilter
from .search import Search, ValueRange

# An id that so many events share names nothing; only its newest events are found.
MOST_WITH_ONE_ID = 500
MOST_OF_REPLAY = 10_000
DAYS_KEPT = 31
_UNSENT = (OutcomeKind.REFUSED, OutcomeKind.NOT_SENT, OutcomeKind.DUPLICATE)


@dataclass(frozen=True, slots=True)
class LogScope:
    """The events that a filter means.

    Args:
        environment_id: None for all environments of the property.
        low, high: Ids from ``low`` to below ``high``.
        groups: The groups whose rows fit; None if every event fits.
        named: The same for the search by name; None if there is no search.
        name: The name that is searched; or "".
        hits: Ids that the search found beside the names.
        only: If set, no other events fit: those of a replay.
        with_received: Events that have no row yet fit too.
    """

    prop: Property
    environment_id: int | None
    low: int
    high: int
    groups: Sequence[LogGroup] | None = None
    named: Sequence[LogGroup] | None = None
    name: str = ""
    hits: Sequence[int] = field(default_factory=list)
    only: Sequence[int] | None = None
    value: ValueRange | None = None
    with_received: bool = True

    @property
    def is_everything(self) -> bool:
        return (self.groups, self.named, self.only, self.value) == (None, None, None, None)

    def above(self, low: int) -> LogScope:
        """Return the same scope without ids below ``low``."""
        return replace(self, low=max(self.low, low))


def scope_of(
    prop: Property,
    asked: EventLogFilter,
    environment: Environment | None = None,
    *,
    sees_bodies: bool = False,
) -> LogScope:
    """Return what a filter means.

    Args:
        environment: The environment that the page shows; None reads it from the filter.
        sees_bodies: Whether the person may see customer data: only they find events by an email address.
    """
    environment_id = environment.pk if environment else _environment_id(prop, asked.environment)
    low, high = asked.bounds()
    scope = LogScope(prop, environment_id, low, high)
    search = asked.search
    if not _needs_groups(asked, search):
        return scope
    known = list(_groups(prop, environment_id))
    return _searched(_filtered(scope, asked, known), search, known, sees_bodies=sees_bodies)


def _environment_id(prop: Property, uid: str) -> int | None:
    if not uid:
        return None
    return Environment.objects.filter(prop=prop, uid=uid).values_list("pk", flat=True).first() or -1


def _needs_groups(asked: EventLogFilter, search: Search) -> bool:
    return asked.is_active or bool(search)


def _groups(prop: Property, environment_id: int | None) -> Iterable[LogGroup]:
    """Return all groups of an environment. There are some hundred at most, so Python filters them."""
    found = LogGroup.objects.filter(property_id=prop.pk)
    return found if environment_id is None else found.filter(environment_id=environment_id)


Fits = Callable[[LogGroup], bool]


def _filtered(scope: LogScope, asked: EventLogFilter, known: Sequence[LogGroup]) -> LogScope:
    tests = list(_tests(asked))
    only = _replayed(scope.prop, asked.replay) if asked.replay else None
    if not tests:
        return replace(scope, only=only)
    fitting = [group for group in known if all(fits(group) for fits in tests)]
    is_sending = OutcomeKind.SENDING in asked.results and len(tests) == 1
    return replace(scope, groups=fitting, only=only, with_received=is_sending)


def _tests(asked: EventLogFilter) -> Iterable[Fits]:
    if results := asked.results:
        yield lambda group: group.outcome in results
    if asked.rule:
        yield lambda group: group.rule_uid == asked.rule
    if asked.destination:
        yield lambda group: group.destination == asked.destination
    if asked.extension:
        yield lambda group: group.delegate.startswith(f"{asked.extension}::")
    if asked.test == ANY_TEST:
        yield lambda group: group.is_test or bool(group.test_code)
    elif asked.test:
        yield lambda group: group.test_code == asked.test
    if cause := CauseKey.read(asked.cause):
        yield lambda group: _cause_of(group) == cause


def _cause_of(group: LogGroup) -> CauseKey | None:
    if group.kind not in _UNSENT:
        return None
    return CauseKey(group.component_uid, group.code, group.blamed_field)


def _replayed(prop: Property, uid: str) -> list[int]:
    replays = Replay.objects.filter(property_id=prop.pk, uid=uid).values("pk")
    found = ReplayedEvent.objects.filter(replay_id__in=replays).order_by("-id")
    return list(found.values_list("event_id", flat=True)[:MOST_OF_REPLAY])


# The search field


def _searched(scope: LogScope, search: Search, known: Sequence[LogGroup], *, sees_bodies: bool) -> LogScope:
    if search.value:
        return replace(scope, value=search.value, with_received=False)
    if search.email_hash or search.is_wrong:
        hits = _with_term(scope, EMAIL, search.email_hash) if sees_bodies and search.email_hash else []
        return replace(scope, named=[], hits=hits)
    if not search.text:
        return scope
    among = known if scope.groups is None else scope.groups
    named = [it for it in among if begins(it.name, search.text) or begins(it.event_type, search.text)]
    return replace(scope, named=named, name=search.text, hits=ids_with(scope, search.text))


def begins(name: str, text: str) -> bool:
    """Return whether a name begins with a text, in any letter case."""
    return name.casefold().startswith(text.casefold())


def ids_with(scope: LogScope, text: str) -> list[int]:
    """Return the events with this id: ours, the vendor's, the sender's or that of an order."""
    number = row_id(text)
    if number and InboundEvent.objects.filter(property_id=scope.prop.pk, pk=number).exists():
        return [number]
    sent = Delivery.objects.filter(property_id=scope.prop.pk, server_event_id=text)
    newest = list(sent.order_by("-id").values_list("event_id", flat=True)[:MOST_WITH_ONE_ID])
    return sorted({*newest, *_with_term(scope, ID, text)}, reverse=True)


def _with_term(scope: LogScope, kind: str, text: str) -> list[int]:
    """Return the newest events with a term, by one look at the index for each day."""
    today = day_of(InboundEvent.first_id_at(timezone.now()))
    days = range(max(day_of(scope.low), today - DAYS_KEPT), min(day_of(scope.high), today + 1) + 1)
    found = SearchTerm.objects.filter(day__in=days, hash=term(scope.prop.pk, kind, text))
    return list(found.order_by("-event_id").values_list("event_id", flat=True)[:MOST_WITH_ONE_ID])
