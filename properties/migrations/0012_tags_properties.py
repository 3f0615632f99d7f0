"""What tags properties need: a token for each environment, and the settings of the engine in browsers."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import properties.models.environment


def give_tokens(apps: Any, schema_editor: Any) -> None:
    """Give each environment that exists a token of its own. Only those of tags properties are ever used."""
    Environment = apps.get_model("properties", "Environment")
    for environment in Environment.objects.filter(prop__platform="web").only("pk"):
        environment.token = properties.models.environment.new_token()
        environment.save(update_fields=["token"])


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0011_personal_choice"),
    ]

    operations = [
        migrations.AlterField(
            model_name="property",
            name="platform",
            field=models.CharField(
                choices=[("edge", "Event forwarding"), ("web", "Tags"), ("mobile", "Mobile")],
                default="edge",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="property",
            name="rule_component_sequencing_enabled",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="property",
            name="undefined_vars_return_empty",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="environment",
            name="library_seconds",
            field=models.PositiveIntegerField(blank=True, db_default=None, default=None, null=True),
        ),
        migrations.AddField(
            model_name="environment",
            name="token",
            field=models.CharField(db_default=None, default=None, max_length=16, null=True, unique=True),
        ),
        migrations.RunPython(give_tokens, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="environment",
            name="token",
            field=models.CharField(
                db_default=None,
                default=properties.models.environment.new_token,
                max_length=16,
                null=True,
                unique=True,
            ),
        ),
    ]
