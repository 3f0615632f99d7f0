"""Triggers of PostgreSQL on the audit table. ``test_audit_table`` runs this with ``DATABASE_URL`` set."""

from __future__ import annotations

import json

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection, transaction  # noqa: E402

from properties.models import AuditEvent, Property  # noqa: E402
from properties.resources.creation import create_property  # noqa: E402

STATEMENTS = {
    "update": "UPDATE properties_auditevent SET actor_name = 'nobody'",
    "delete": "DELETE FROM properties_auditevent",
    "truncate": "TRUNCATE properties_auditevent CASCADE",
    "upsert": "INSERT INTO properties_auditevent SELECT * FROM properties_auditevent"
    " ON CONFLICT (id) DO UPDATE SET actor_name = 'nobody'",
}


def refused(statement: str) -> str:
    try:
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute(statement)
    except DatabaseError as error:
        return str(error).splitlines()[0]
    return ""


def an_entry_of_the_last_release() -> None:
    """Write an entry as releases did before entries kept the name of their property."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO properties_property (uid, name, platform, enabled, domains, default_country,"
            " created_at, updated_at) VALUES ('PR1', 'Old', 'edge', true, '[]', '', now(), now())"
        )
        cursor.execute(
            "INSERT INTO properties_auditevent (prop_id, type_of, actor_name, entity_uid, display_name,"
            " entity, created_at) SELECT id, 'property.created', 'olivia', uid, name, '{}', now()"
            " FROM properties_property"
        )


def main() -> None:
    call_command("migrate", "properties", "0004", verbosity=0)
    an_entry_of_the_last_release()
    call_command("migrate", verbosity=0)
    old = AuditEvent.objects.filter(property_uid="PR1", property_name="Old").count() == 1
    create_property("Shop")
    before = list(AuditEvent.objects.values_list("id", "prop_id", "actor_name"))
    result = {name: refused(statement) for name, statement in STATEMENTS.items()}
    Property.objects.get(name="Shop").delete()
    after = list(AuditEvent.objects.values_list("id", "prop_id", "actor_name"))
    stays = AuditEvent.objects.filter(property_name="Shop").exists()
    print(
        json.dumps(
            {
                "refused": result,
                "before": before,
                "after": after,
                "old_entries_name_their_property": old,
                "outlives_its_property": stays,
            }
        )
    )


if __name__ == "__main__":
    main()
