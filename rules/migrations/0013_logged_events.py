"""Rows of the event log and its search terms. Rows of events from before are written by the workers."""

from django.db import migrations, models

LAST_ID = 2**63 - 1


def without_rowid(apps, schema_editor):
    """Keep the terms of SQLite in one tree instead of a table and an index."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE rules_searchterm")
        schema_editor.execute(
            "CREATE TABLE rules_searchterm (day smallint NOT NULL, hash bigint NOT NULL,"
            " event_id bigint NOT NULL, PRIMARY KEY (day, hash, event_id)) WITHOUT ROWID"
        )


def start_filling(apps, schema_editor):
    rows = apps.get_model("rules", "LogFilling").objects.using(schema_editor.connection.alias)
    rows.create(id=1, before=LAST_ID)


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0012_issues"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogFilling",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("before", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="LoggedDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.BigIntegerField(db_index=True)),
                ("group_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="LoggedEvent",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("environment_id", models.BigIntegerField()),
                ("group_id", models.BigIntegerField()),
                ("value", models.FloatField(null=True)),
                ("currency", models.CharField(blank=True, default="", max_length=8)),
                ("ms", models.IntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="LogGroup",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("property_id", models.BigIntegerField(db_index=True)),
                ("environment_id", models.BigIntegerField()),
                ("outcome", models.CharField(max_length=10)),
                ("kind", models.CharField(blank=True, default="", max_length=10)),
                ("event_type", models.CharField(blank=True, default="", max_length=255)),
                ("name", models.CharField(blank=True, default="", max_length=255)),
                ("rule_uid", models.CharField(blank=True, default="", max_length=40)),
                ("rule_name", models.CharField(blank=True, default="", max_length=255)),
                ("component_uid", models.CharField(blank=True, default="", max_length=40)),
                ("delegate", models.CharField(blank=True, default="", max_length=300)),
                ("destination", models.CharField(blank=True, default="", max_length=255)),
                ("code", models.CharField(blank=True, default="", max_length=60)),
                ("blamed_field", models.CharField(blank=True, default="", max_length=255)),
                ("is_test", models.BooleanField(default=False)),
                ("is_further", models.BooleanField(default=False)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "hash",
                        "event_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.SmallIntegerField()),
                ("hash", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="loggeddelivery",
            index=models.Index(fields=["group_id", "event_id"], name="logged_delivery_group"),
        ),
        migrations.AddIndex(
            model_name="loggedevent",
            index=models.Index(fields=["group_id", "event_id"], name="logged_event_group"),
        ),
        migrations.AddIndex(
            model_name="loggedevent",
            index=models.Index(
                condition=models.Q(("value__isnull", False)),
                fields=["environment_id", "value", "event_id"],
                name="logged_event_value",
            ),
        ),
        migrations.AddIndex(
            model_name="loggroup",
            index=models.Index(fields=["seen_at"], name="log_group_seen"),
        ),
        migrations.RunPython(without_rowid, migrations.RunPython.noop),
        migrations.RunPython(start_filling, migrations.RunPython.noop),
    ]
