"""What commands that print JSON have in common: a database that is not ready is said in JSON as well."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError, ProgrammingError


class JsonCommand(BaseCommand):
    """Prints ``{"errors": [{"path", "message"}]}`` and ends with 1 when the database is missing or older."""

    def speaks_json(self, options: dict[str, Any]) -> bool:
        """Whether the person asked for JSON; always, unless a command decides otherwise."""
        return True

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError):
            reason = why_not_ready()
            if not reason or not self.speaks_json(options):
                raise
        errors = {"errors": [{"path": "$", "message": reason}]}
        (options.get("stdout") or sys.stdout).write(json.dumps(errors, indent=2, ensure_ascii=False) + "\n")
        sys.exit(1)


def why_not_ready() -> str:
    """Why the database cannot be used, as a sentence with the remedy; empty when it can."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer. Look at DATABASE_URL, and at the server that it names."
    if not missing:
        return ""
    state = "is empty" if not executor.loader.applied_migrations else "is older than this version"
    return f"The database {state}: run “python manage.py migrate” first ({len(missing)} migrations)."
