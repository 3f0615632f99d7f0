import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0017_saved_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="TagLibrary",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("checksum", models.CharField(max_length=64)),
                ("body", models.BinaryField()),
                (
                    "build",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tag_library",
                        to="rules.build",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "tag libraries",
                "indexes": [models.Index(fields=["checksum"], name="rules_tagli_checksu_918dc7_idx")],
            },
        ),
    ]
