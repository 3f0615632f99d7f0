"""The list of data elements in every field that takes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from properties.models import DataElement, Property
from rules.dry_run.tests.received import receive
from tests.pages import page_text


def options(client: Any, prop: Property, **query: str) -> Any:
    return client.get(reverse("rules:element_picker", args=[prop.uid]), query)


def test_each_enabled_data_element_is_offered(owner_client: Any, prop: Property) -> None:
    assert b'data-name="Email"' in options(owner_client, prop, q="phone").content
    prop.dataelements.update(enabled=False)
    assert b"data-name" not in options(owner_client, prop).content


def test_an_option_shows_the_value_of_the_newest_event_masked(reader_client: Any, prop: Property) -> None:
    receive(prop, [{"name": "Lead", "user": {"email": "old@other.example"}}])
    receive(prop, [{"name": "Purchase", "user": {"email": "petra@other.example"}}])
    page = page_text(options(reader_client, prop))
    assert '<small class="now">Purchase</small>' in page
    assert "petra" not in page


@pytest.mark.parametrize(("data", "now"), [({"name": ""}, "empty"), ({"name": "x" * 99}, "x" * 60 + "…")])
def test_an_option_says_what_is_empty_and_shortens_long_values(
    owner_client: Any, prop: Property, data: dict[str, str], now: str
) -> None:
    receive(prop, [{"name": "Lead"}])
    receive(prop, [data])
    [choice] = [it for it in options(owner_client, prop).context["choices"] if it.row.name == "Event Name"]
    assert choice.now == now


def test_before_the_first_event_no_value_is_shown(owner_client: Any, prop: Property) -> None:
    assert {it.now for it in options(owner_client, prop).context["choices"]} == {""}


def test_only_a_developer_is_offered_a_new_data_element(
    owner_client: Any, reader_client: Any, prop: Property
) -> None:
    assert b"picker-fresh" in options(owner_client, prop).content
    assert b"picker-fresh" not in options(reader_client, prop).content


def test_the_list_is_in_the_order_of_the_alphabet_whatever_the_case(
    owner_client: Any, prop: Property
) -> None:
    for name in ("Zoo", "apple"):
        DataElement.objects.create(prop=prop, name=name, delegate="core::dataElements::constant")
    names = [it.row.name for it in options(owner_client, prop).context["choices"]]
    assert names == ["apple", "Email", "Event Name", "Zoo"]


def test_a_long_list_is_searched_on_the_server(owner_client: Any, prop: Property) -> None:
    delegate = "core::dataElements::constant"
    rows = [DataElement(prop=prop, name=f"N {it:03}", delegate=delegate) for it in range(500)]
    DataElement.objects.bulk_create(rows)
    assert options(owner_client, prop).content.count(b"data-name") == 500
    assert options(owner_client, prop, q="mai").content.count(b"data-name") == 1
