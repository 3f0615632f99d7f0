"""One transaction holds the row, its revision, the audit entry and the work of signal receivers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from properties.models import AuditEvent, DataElement, Property
from properties.saving import delete_resource, resource_saved, save_resource


def test_two_people_who_save_what_they_read_at_the_same_time_make_two_revisions(
    prop: Property, element: DataElement
) -> None:
    theirs = DataElement.objects.get(pk=element.pk)
    element.settings, theirs.settings = {"path": "mine"}, {"path": "theirs"}
    save_resource(element, actor="me")
    save_resource(theirs, actor="they")
    revisions = prop.revisions.filter(resource_uid=element.uid).order_by("number")
    assert [(it.number, it.snapshot["settings"]["path"]) for it in revisions] == [
        (1, "arc.event.data.email"),
        (2, "mine"),
        (3, "theirs"),
    ]
    element.refresh_from_db()
    assert element.revision_number == 3


@pytest.fixture
def refusal() -> Iterator[None]:
    """Connect a receiver that fails."""

    def refuse(**_: Any) -> None:
        raise RuntimeError("no")

    resource_saved.connect(refuse)
    yield
    resource_saved.disconnect(refuse)


def test_nothing_is_saved_when_a_listener_fails(prop: Property, element: DataElement, refusal: None) -> None:
    element.name = "Other"
    before = AuditEvent.objects.count()
    with pytest.raises(RuntimeError):
        save_resource(element)
    assert prop.dataelements.get().name == "Email"
    assert prop.revisions.filter(resource_uid=element.uid).count() == 1
    assert AuditEvent.objects.count() == before


def test_a_deletion_keeps_the_revisions_and_shows_what_was_deleted(
    prop: Property, element: DataElement
) -> None:
    uid = element.uid
    delete_resource(element, actor="a command")
    assert prop.revisions.filter(resource_uid=uid).exists()
    entry = prop.audit_events.first()
    assert entry is not None
    assert (entry.type_of, entry.actor, entry.actor_name) == ("data_element.deleted", None, "a command")
    assert (entry.entity_uid, entry.display_name, entry.entity["revision"]) == (uid, "Email", 1)
    assert entry.entity["before"]["settings.path"] == "arc.event.data.email"
    assert entry.entity["after"] == {}


def test_a_change_is_recorded_with_what_was_there_before_and_after(element: DataElement) -> None:
    element.settings = {"path": "arc.event.data.user.email"}
    save_resource(element)
    entry = AuditEvent.objects.filter(entity_uid=element.uid).first()
    assert entry is not None
    assert entry.entity == {
        "revision": 2,
        "before": {"settings.path": "arc.event.data.email"},
        "after": {"settings.path": "arc.event.data.user.email"},
    }
