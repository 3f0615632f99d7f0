"""Saved events are part of the document of a property."""

from __future__ import annotations

import pytest

from properties.models import Property
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.documents.reading import InvalidDocument
from rules.event_log.tests.conftest import DOCUMENT


@pytest.fixture
def prop(db: None) -> Property:
    return apply_document(DOCUMENT).prop


def test_saved_events_travel_with_the_document(prop: Property) -> None:
    prop.saved_events.create(name="Mine", xdm={"eventType": "a"}, data={"event": "A"})
    document = export_document(prop)
    assert document["saved_events"] == [{"name": "Mine", "xdm": {"eventType": "a"}, "data": {"event": "A"}}]
    again = apply_document(document)
    assert (again.created, again.changed, again.removed) == ([], [], [])
    other = apply_document(document | {"saved_events": [{"name": "New", "data": {"event": "B"}}]})
    assert (other.created, other.removed) == (["saved event New"], ["saved event Mine"])
    # A document that does not know saved events leaves them.
    apply_document({key: value for key, value in document.items() if key != "saved_events"})
    assert [it.name for it in prop.saved_events.all()] == ["New"]


def test_a_document_with_bad_saved_events_is_refused_by_place(prop: Property) -> None:
    wrong = [{"name": "A", "data": {"event": "A"}}, {"name": "A", "xdm": {"a": 1}}, {"name": "B"}]
    with pytest.raises(InvalidDocument) as refused:
        apply_document({**DOCUMENT, "saved_events": wrong})
    assert [it.path for it in refused.value.problems] == ["$.saved_events[1].name", "$.saved_events[2]"]
