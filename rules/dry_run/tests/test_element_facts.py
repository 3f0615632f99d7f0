"""The value of every data element now, and how often it had one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from properties.models import DataElement, Property
from properties.saving import save_resource
from rules.dry_run.element_facts import ElementFact, element_facts, plain_values

from .received import receive

PATH = "core::dataElements::path"
CODE = "core::dataElements::custom-code"


def element(prop: Property, name: str, path: str = "", **more: Any) -> DataElement:
    given = {"delegate": PATH, "settings": {"path": f"arc.event.data.{path}"}, **more}
    made = DataElement(prop=prop, name=name, **given)
    save_resource(made)
    return made


def element_row(prop: Property, name: str) -> DataElement:
    settings = {"path": "arc.event.data.x"}
    return DataElement(prop=prop, uid=f"DE{name}", name=name, delegate=PATH, settings=settings)


def fact(prop: Property, name: str, *, with_code: bool = False) -> ElementFact:
    return element_facts(prop, with_code=with_code).by_name[name]


def test_a_value_comes_from_the_newest_event_and_is_counted_over_all(prop: Property) -> None:
    element(prop, "Total", "total")
    receive(prop, [{"total": 1}, {"total": ""}, {}, {"total": 0}])
    found = fact(prop, "Total")
    assert (found.value, found.filled, found.seen, found.percent) == ("0", 2, 4, 50)


def test_what_the_newest_event_lacks_shows_its_last_value(prop: Property) -> None:
    element(prop, "Total", "total")
    receive(prop, [{"total": 1}, {"total": 2}, {"name": "Lead"}])
    found = fact(prop, "Total")
    assert (found.value, found.is_older, found.is_missing) == ("2", True, False)
    assert not fact(prop, "Event Name").is_older


def test_values_of_customers_are_masked_and_only_plain_values_are_plain(prop: Property) -> None:
    receive(prop, [{"name": "Purchase", "user": {"email": "petra@other.example"}}])
    assert "petra" not in fact(prop, "Email").value
    assert fact(prop, "Event Name").value == "Purchase"
    assert plain_values(prop)["Email"] == "petra@other.example"


def test_an_element_is_private_because_any_rule_hashes_it(prop: Property) -> None:
    """A first name looks like any other word; the action that hashes it says that it is one."""
    element(prop, "Given", "given")
    action = prop.rules.get().components.get(kind="actions")
    action.settings["firstName"] = "{{Given}}"
    action.save()
    receive(prop, [{"given": "Petra"}])
    assert fact(prop, "Given").value == "•••• (5 characters)"


def test_what_is_saved_or_received_counts_at_once(prop: Property) -> None:
    total = element(prop, "Total", "total")
    receive(prop, [{"total": 1, "sum": 2}])
    assert fact(prop, "Total").value == "1"
    total.settings = {"path": "arc.event.data.sum"}
    save_resource(total)
    assert fact(prop, "Total").value == "2"


def test_a_circle_is_told_and_spoils_no_other_element(prop: Property) -> None:
    element(prop, "One", settings={"path": "arc.event.{{Two}}"})
    element(prop, "Two", settings={"path": "arc.event.{{One}}"})
    receive(prop, [{"name": "Purchase"}])
    assert "“One” → “Two” → “One”" in fact(prop, "One").error
    assert fact(prop, "Event Name").value == "Purchase"


def test_a_missing_package_spoils_no_other_element(prop: Property) -> None:
    element(prop, "Gone", delegate="gone::dataElements::value")
    receive(prop, [{"name": "Purchase"}])
    found = element_facts(prop, with_code=False).by_name
    assert found["Event Name"].value == "Purchase"
    assert "Gone" not in found


def test_custom_code_waits_for_the_second_part_and_so_does_what_reads_it(prop: Property) -> None:
    element(prop, "Code", delegate=CODE, settings={"source": "return 1"})
    element(prop, "Reader", settings={"path": "arc.event.data.{{Code}}"})
    receive(prop, [{"name": "Purchase"}])
    assert fact(prop, "Code").is_waiting
    assert fact(prop, "Reader").is_waiting
    assert not fact(prop, "Event Name").is_waiting


def test_custom_code_runs_in_the_second_part(prop: Property) -> None:
    element(prop, "Code", delegate=CODE, settings={"source": "return arc.event.data.name + '!'"})
    receive(prop, [{"name": "Purchase"}] * 30)
    found = fact(prop, "Code", with_code=True)
    assert (found.value, found.filled, found.seen) == ("Purchase!", 20, 20)
    assert not fact(prop, "Code").is_waiting


def test_events_whose_bodies_are_gone_are_left_out(prop: Property) -> None:
    receive(prop, [{"name": "Purchase"}])
    receive(prop, [{"name": "Lead"}])[0].__class__.objects.filter(name="Lead").update(body="", request="")
    assert fact(prop, "Event Name").value == "Purchase"
    assert element_facts(prop, with_code=False).seen == 1


def test_without_events_nothing_is_claimed(prop: Property) -> None:
    found = fact(prop, "Event Name")
    assert (found.value, found.seen, found.is_often_empty) == ("", 0, False)


@pytest.mark.parametrize("count", [3, 300])
def test_the_number_of_queries_does_not_grow(prop: Property, count: int) -> None:
    made = [element_row(prop, f"E{number}") for number in range(count)]
    DataElement.objects.bulk_create(made)
    receive(prop, [{"x": number} for number in range(20)])
    with CaptureQueriesContext(connection) as queries:
        element_facts(prop, with_code=False)
    assert len(queries) == 9
