"""A test that commits leaves nothing to the next one, and takes nothing from it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from properties.models import AuditEvent
from rules.delivery.log.groups import GroupKey, groups
from rules.models import LogFilling, LogGroup


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_migrations_are_back_and_others_are_gone_and_forgotten() -> None:
    before = list(LogFilling.objects.values())
    key, now = GroupKey(1, 1, "delivered"), datetime.now(UTC)
    AuditEvent.objects.create(type_of="property.created", actor_name="ada", display_name="Shop")
    for _ in range(2):
        with transaction.atomic():
            groups.ids([key], now)
        assert LogGroup.objects.count() == 1
        call_command("flush", verbosity=0, interactive=False)
        assert not LogGroup.objects.exists()
    assert not AuditEvent.objects.exists()
    assert list(LogFilling.objects.values()) == before != []
