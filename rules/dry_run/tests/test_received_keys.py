"""The tree of keys of received events."""

from __future__ import annotations

from properties.models import Property
from rules.dry_run.received_keys import ReceivedKey, received_keys

from .received import receive


def tree(prop: Property, *, is_plain: bool = False) -> dict[str, ReceivedKey]:
    return {key.path: key for key in received_keys(prop, is_plain=is_plain).keys}


def test_keys_of_all_events_are_merged_and_counted(prop: Property) -> None:
    receive(prop, [{"order_id": "1"}, {"order_id": "2", "user": {"phone": "x"}}, {"order_id": ""}])
    found = tree(prop)
    order = found["arc.event.data.order_id"]
    assert (order.filled, order.seen, order.kind, order.name) == (2, 3, "text", "Order ID")
    assert found["arc.event.data.user.phone"].name == "Phone"
    assert found["arc.event.data.user"].is_branch


def test_a_list_leads_to_its_first_item(prop: Property) -> None:
    receive(prop, [{"items": [{"sku": "A"}, {"sku": "B"}]}])
    assert tree(prop, is_plain=True)["arc.event.data.items[0].sku"].example == "A"


def test_a_key_that_is_no_plain_word_gets_a_path_that_reads_it(prop: Property) -> None:
    receive(prop, [{"a.b": {"c[0]": "found"}}])
    assert 'arc.event.data["a.b"]["c[0]"]' in tree(prop)


def test_values_are_masked_unless_the_person_may_see_them(prop: Property) -> None:
    receive(prop, [{"value": 99.5, "user": {"name": "Petra"}}])
    path = "arc.event.data.user.name"
    assert tree(prop)[path].example == "•••• (5 characters)"
    assert tree(prop)["arc.event.data.value"].example == "99.5"
    assert tree(prop, is_plain=True)[path].example == "Petra"


def test_keys_that_a_data_element_reads_are_marked(prop: Property) -> None:
    receive(prop, [{"user": {"email": "a@b.example"}}])
    email = tree(prop)["arc.event.data.user.email"]
    assert (email.element, email.name) == ("Email", "")


def test_a_huge_event_is_cut(prop: Property) -> None:
    receive(prop, [{f"key{number}": number for number in range(2_000)}])
    found = received_keys(prop)
    assert found.is_cut
    assert len(found.keys) < 700
