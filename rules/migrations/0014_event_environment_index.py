"""The index by which the event log reads one environment, built while events arrive."""

from django.db import migrations, models


class AddIndexWithoutLock(migrations.AddIndex):
    """Builds an index without a lock where the database can; SQLite builds it at once."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self._kind(schema_editor).database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        self._kind(schema_editor).database_backwards(app_label, schema_editor, from_state, to_state)

    def _kind(self, schema_editor):
        if schema_editor.connection.vendor != "postgresql":
            return migrations.AddIndex(self.model_name, self.index)
        # Needs the driver, which an installation on SQLite lacks.
        from django.contrib.postgres.operations import AddIndexConcurrently

        return AddIndexConcurrently(self.model_name, self.index)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("rules", "0013_logged_events")]

    operations = [
        AddIndexWithoutLock(
            model_name="inboundevent",
            index=models.Index(fields=["environment_id", "id"], name="event_environment"),
        ),
    ]
