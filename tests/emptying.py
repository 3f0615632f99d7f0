"""A plugin of pytest: after a test that commits, the database is as its migrations leave it.

Such tests end with Django's ``flush``. On SQLite, where all tests of this process run, it is a DELETE for
each table. The audit log refuses that, so the plugin removes its triggers before it and restores them
afterwards, in one transaction. It adds the row that a migration wrote, and this process forgets the rows
that it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection

TABLE = "properties_auditevent"
# rules/migrations/0013_logged_events.py, start_filling.
WRITTEN = "INSERT INTO rules_logfilling (id, before) VALUES (1, 9223372036854775807)"


def triggers() -> dict[str, str]:
    """Name of each trigger of the table, and the statement that makes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE]
        )
        return dict(cursor.fetchall())


@pytest.fixture(autouse=True, scope="session")
def _flush_leaves_what_migrations_left() -> Iterator[None]:
    from rules.delivery.log.groups import groups

    statements_of = flush.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        groups.forget()
        found = triggers()
        removed = [f"DROP TRIGGER {name}" for name in found]
        return [*removed, *statements_of(*args, **kwargs), *found.values(), WRITTEN]

    flush.sql_flush = sql_flush
    yield
    flush.sql_flush = statements_of
