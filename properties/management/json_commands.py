"""The base of commands that print JSON. They report a database that is not ready as JSON too."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError, ProgrammingError


class JsonCommand(BaseCommand):
    """Prints ``{"errors": [{"path", "message"}]}`` and exits with 1 if the database is not ready."""

    def speaks_json(self, options: dict[str, Any]) -> bool:
        """Return whether to print JSON: always, unless a command offers another format."""
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
    """Return why the database cannot be used, with the remedy, as a sentence. Empty if it can."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer. Check DATABASE_URL and the server that it names."
    if not missing:
        return ""
    state = "is empty" if not executor.loader.applied_migrations else "is older than this version"
    return f"The database {state}: run “python manage.py migrate” first ({len(missing)} migrations)."
