"""How many events each rule sent something for, from the rows of the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection

from properties.models import Property
from properties.models.identifiers import LARGEST_ROW_ID
from rules.models import InboundEvent, LogGroup

from .counts import count_statement
from .log_scope import LogScope

# SQLite joins at most 500 statements.
RULES_AT_ONCE = 200
# Fifty rules that all run more often cost 50,000 entries of an index.
MOST_OF_RULE = 1_000


def events_by_rule(prop: Property, since: datetime, uids: Collection[str]) -> dict[str, int]:
    """Return for how many events each of some rules made a delivery, by uid; absent if for none.

    A number is exact up to ``MOST_OF_RULE``; one more means more. Two statements for up to 200 rules. However
    many events there are, at most so many entries of the index of each rule are read.
    """
    groups: dict[str, list[LogGroup]] = defaultdict(list)
    known = LogGroup.objects.filter(property_id=prop.pk, rule_uid__in=uids)
    for group in known.only("id", "rule_uid", "is_further"):
        groups[group.rule_uid].append(group)
    scope = LogScope(prop, None, InboundEvent.first_id_at(since), LARGEST_ROW_ID)
    found: dict[str, int] = {}
    ran = list(groups)
    for first in range(0, len(ran), RULES_AT_ONCE):
        found |= _counted(scope, {uid: groups[uid] for uid in ran[first : first + RULES_AT_ONCE]})
    return found


def _counted(scope: LogScope, groups: Mapping[str, Sequence[LogGroup]]) -> dict[str, int]:
    parts, parameters = [], []
    for uid, members in groups.items():
        statement, more = count_statement(scope, members, MOST_OF_RULE)
        parts.append(f"SELECT %s, ({statement})")
        parameters += [uid, *more]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return {uid: number for uid, number in cursor.fetchall() if number}
