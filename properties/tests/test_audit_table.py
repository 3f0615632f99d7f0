"""The database refuses to change or remove audit entries, which outlive the things that they describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from properties.audit.differences import differences
from properties.models import AuditEvent, Property
from properties.saving import record

STATEMENTS = [
    "UPDATE properties_auditevent SET actor_name = 'nobody'",
    "UPDATE properties_auditevent SET prop_id = NULL",
    "DELETE FROM properties_auditevent",
    "INSERT OR REPLACE INTO properties_auditevent SELECT * FROM properties_auditevent",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_itself_refuses_to_change_or_remove_an_entry(prop: Property, statement: str) -> None:
    before = list(AuditEvent.objects.values())
    assert before
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="never"), transaction.atomic():
        cursor.execute(statement)
    assert list(AuditEvent.objects.values()) == before


def test_an_entry_outlives_its_property_and_still_names_it(prop: Property) -> None:
    uid, before = prop.uid, list(AuditEvent.objects.values())
    prop.delete()
    assert list(AuditEvent.objects.values()) == before
    named = [entry["property_name"] for entry in before if entry["property_uid"] == uid]
    assert named
    assert set(named) == {"Shop"}


def test_an_entry_outlives_the_person_who_acted(prop: Property, django_user_model: Any) -> None:
    person = django_user_model.objects.create_user("petra")
    entry = record(prop, "property.updated", prop, person)
    person.delete()
    assert AuditEvent.objects.get(pk=entry.pk).actor_name == "petra"


def test_postgresql_refuses_it_as_well(on_postgres: Callable[[str], dict[str, Any]]) -> None:
    result = on_postgres("properties.tests.audit_on_postgres")
    why = "An audit entry is never changed or deleted."
    assert result["refused"] == dict.fromkeys(("update", "delete", "truncate", "upsert"), why)
    assert result["before"] == result["after"]
    assert result["old_entries_name_their_property"]
    assert result["outlives_its_property"]


@pytest.mark.parametrize(
    "text",
    ["olivia@shop.example", "Bearer abc.def", "EAAB1234567890", "+39 06 1234 5678", "k" * 48],
)
def test_no_entry_holds_customer_data_or_a_token_of_a_change(text: str) -> None:
    found = differences({"settings": {"value": f"was {text}"}}, {"settings": {"value": f"is {text} now"}})
    assert text not in str(found)
    assert "masked" in found["before"]["settings.value"]
    assert "masked" in found["after"]["settings.value"]


def test_code_in_a_change_is_shown_by_its_length_alone() -> None:
    found = differences(None, {"source": "const key = 'hunter2';\nreturn key;"})
    assert found["after"]["source"].startswith("34 characters, SHA-256 ")
    assert "hunter2" not in str(found)


def test_a_change_lists_the_values_that_differ_and_no_others() -> None:
    before = {"name": "Purchase", "actions": [{"settings": {"eventName": "Purchase"}}], "enabled": True}
    after = {"name": "Purchase", "actions": [{"settings": {"eventName": "Lead"}}], "enabled": True}
    assert differences(before, after) == {
        "before": {"actions[0].settings.eventName": "Purchase"},
        "after": {"actions[0].settings.eventName": "Lead"},
    }


def test_a_change_of_a_thousand_values_lists_a_hundred() -> None:
    found = differences({}, {str(number): number for number in range(1_000)})
    assert len(found["after"]) == 101
    assert found["after"]["…"] == "900 more values"
