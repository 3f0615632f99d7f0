"""A plugin of pytest: tests empty the table of audit entries, though the database refuses it.

Transactional tests end with Django's ``flush``. On SQLite, where all tests of this process run, it is a
DELETE for each table. The plugin removes the triggers of the table before it and restores them afterwards,
in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection

TABLE = "properties_auditevent"


def triggers() -> dict[str, str]:
    """Name of each trigger of the table, and the statement that makes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE]
        )
        return dict(cursor.fetchall())


@pytest.fixture(autouse=True, scope="session")
def _flush_empties_append_only_tables() -> Iterator[None]:
    statements_of = flush.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        found = triggers()
        return [*(f"DROP TRIGGER {name}" for name in found), *statements_of(*args, **kwargs), *found.values()]

    flush.sql_flush = sql_flush
    yield
    flush.sql_flush = statements_of
