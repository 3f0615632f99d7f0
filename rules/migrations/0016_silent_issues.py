"""Issues may be about silence. Only the choices of a column change, which no database knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rules", "0015_counts_per_minute")]

    operations = [
        migrations.AlterField(
            model_name="issue",
            name="kind",
            field=models.CharField(
                choices=[
                    ("not_sent", "Not sent"),
                    ("refused", "Refused"),
                    ("without", "Delivered without"),
                    ("on_hold", "On hold"),
                    ("failed_build", "Build failed"),
                    ("warning", "Warning"),
                    ("silent", "No events"),
                ],
                max_length=15,
            ),
        ),
    ]
