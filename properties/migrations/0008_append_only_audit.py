"""Audit entries outlive what they tell of, and the database itself refuses to change or remove one."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

TABLE = "properties_auditevent"

# REPLACE removes a row without a trigger for it, so an id that is taken is refused, too.
SQLITE = [
    f"""CREATE TRIGGER audit_refuse_update BEFORE UPDATE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'An audit entry is never changed.'); END""",
    f"""CREATE TRIGGER audit_refuse_delete BEFORE DELETE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'An audit entry is never deleted.'); END""",
    f"""CREATE TRIGGER audit_refuse_replace BEFORE INSERT ON {TABLE}
        WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'An audit entry is never replaced.'); END""",  # noqa: S608 - of constants
]
POSTGRESQL = [
    """CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'An audit entry is never changed or deleted.' USING ERRCODE = 'restrict_violation'; END $$""",
    f"""CREATE TRIGGER audit_refuse_change BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()""",
    f"""CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()""",
]
BACK = {
    "sqlite": [f"DROP TRIGGER audit_refuse_{name}" for name in ("update", "delete", "replace")],
    "postgresql": [
        f"DROP TRIGGER audit_refuse_change ON {TABLE}",
        f"DROP TRIGGER audit_refuse_truncate ON {TABLE}",
        "DROP FUNCTION audit_refuse_change()",
    ],
}


def name_the_property(apps: Any, schema_editor: Any) -> None:
    entries = apps.get_model("properties", "AuditEvent").objects.using(schema_editor.connection.alias)
    prop = apps.get_model("properties", "Property").objects.filter(pk=OuterRef("prop_id"))
    entries.filter(prop__isnull=False).update(
        property_uid=Subquery(prop.values("uid")[:1]), property_name=Subquery(prop.values("name")[:1])
    )


def refuse_changes(apps: Any, schema_editor: Any) -> None:
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def allow_changes(apps: Any, schema_editor: Any) -> None:
    for statement in BACK[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0007_keys_of_datastreams"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="property_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="property_uid",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="prop",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="audit_events",
                to="properties.property",
                verbose_name="property",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["type_of", "-id"], name="properties__type_of_fc9a26_idx"),
        ),
        migrations.RunPython(name_the_property, migrations.RunPython.noop),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
