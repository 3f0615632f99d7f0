"""Every main page asks the database as often for a large property as for a small one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import filled_log, pages
from benchmarks.filled_counts import fill_counts
from benchmarks.large_property import large_document
from properties.models import RIGHTS, Property
from properties.saving import save_resource
from rules.documents.applying import apply_document
from rules.event_log.event_views import MOST_OTHER_RULES
from rules.models import Build
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library
from tests.people import member, signed_in

SIZES = {"small": (4, 30, 200), "large": (40, 90, 900)}


@pytest.fixture
def sizes(olivia: Any) -> dict[str, Property]:
    """Two properties with events; each runs a build, and holds changes in and outside its library."""
    return {size: filled(olivia, *numbers) for size, numbers in SIZES.items()}


def filled(person: Any, rules: int, elements: int, events: int) -> Property:
    document = large_document(rules, elements)
    prop = apply_document(document, publish="production").prop
    member(person, prop, RIGHTS)
    filled_log.fill(prop, prop.builds.get().pk, events)
    production = prop.environments.get(stage="production")
    fill_counts(prop.pk, production.pk, timezone.now(), days=1, an_hour=20)
    return prop


def test_every_page_asks_as_often_for_many_rows_as_for_few(olivia: Any, sizes: dict[str, Property]) -> None:
    client = signed_in(olivia)
    few, many = (queries(client, sizes[size]) for size in ("small", "large"))
    # The log asks once more if one of its rows failed, which is rare: for the values at fault.
    assert many.pop("event log") - few.pop("event log") in (0, 1)
    assert many == few


def test_changes_in_and_outside_the_library_cost_no_more_queries(
    olivia: Any, sizes: dict[str, Property]
) -> None:
    client, found = signed_in(olivia), []
    for prop in sizes.values():
        change(prop, every=2)
        library = working_library(prop)
        add_all_changed(library)
        assert build(library, prop.environments.get(stage="development")).status == Build.Status.SUCCEEDED
        change(prop, every=3)
        found.append(fewest(client, pages.addresses(prop)["publishing"]))
    assert found[0] == found[1]


def test_the_page_of_an_event_lists_rules_that_did_not_match_on_request(
    olivia: Any, sizes: dict[str, Property]
) -> None:
    client, address = signed_in(olivia), pages.addresses(sizes["large"])["event"]
    shown = client.get(address).content.decode()
    assert shown.count('data-testid="rule"') == MOST_OTHER_RULES
    assert f"Show {40 - MOST_OTHER_RULES} more that did not match" in shown
    everything = client.get(address, {"all": "rules"}).content.decode()
    assert everything.count('data-testid="rule"') == 40
    assert "more that did not match" not in everything


def change(prop: Property, every: int) -> None:
    """Save each second or third data element with another setting."""
    for element in list(prop.dataelements.all())[::every]:
        element.clean_text = not element.clean_text
        save_resource(element)


def queries(client: Client, prop: Property) -> dict[str, int]:
    return {name: fewest(client, address) for name, address in pages.addresses(prop).items()}


def fewest(client: Client, address: str) -> int:
    """Return the fewest queries of three requests: the first fill what the frame keeps for a while."""
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200, address
        counts.append(len(captured))
    return min(counts)
