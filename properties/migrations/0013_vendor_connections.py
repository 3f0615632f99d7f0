"""Sign-ins at vendors, and what vendors say about stored tokens."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import properties.models.draft
import properties.models.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0012_tags_properties"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConnectAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(default=properties.models.draft.new_key, max_length=40, unique=True),
                ),
                ("state_hash", models.CharField(max_length=64, unique=True)),
                ("session_hash", models.CharField(max_length=64)),
                ("package_name", models.CharField(max_length=214)),
                ("target", models.CharField(blank=True, default="", max_length=40)),
                ("owner_name", models.CharField(max_length=255)),
                ("back", models.CharField(max_length=300)),
                ("environments", models.JSONField(blank=True, default=list)),
                ("granted", properties.models.encryption.EncryptedTextField(blank=True, default="")),
                ("trouble", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("came_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "prop",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="properties.property",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="VendorConnection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("package_name", models.CharField(max_length=214)),
                ("kept", models.JSONField(blank=True, default=dict)),
                ("connected_by", models.CharField(blank=True, default="", max_length=255)),
                ("connected_at", models.DateTimeField(blank=True, null=True)),
                ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
                ("status", models.JSONField(blank=True, default=dict)),
                ("trouble", models.CharField(blank=True, default="", max_length=500)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("read_next_at", models.DateTimeField(db_index=True)),
                (
                    "secret",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vendor_connection",
                        to="properties.secret",
                    ),
                ),
            ],
        ),
    ]
