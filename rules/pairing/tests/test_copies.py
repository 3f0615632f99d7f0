"""What is written down of each copy: hashes, and where it comes from. No id is kept as text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from properties.models import Property
from rules.delivery.log.copy_rows import DAYS_KEPT, forget_copies, plain_form
from rules.delivery.work import deliver_due
from rules.event_log.tests.conftest import EMAIL, PIXEL, FakeMeta
from rules.models import EventCopy, InboundEvent
from rules.pairing.known_copies import BOTH, PAGE, SCRIPT, SERVER, copies_of

from .conftest import FBP, Receive

CASE, SPACE, TYPE = EventCopy.FORM_CASE, EventCopy.FORM_SPACE, EventCopy.FORM_TYPE


def written() -> list[EventCopy]:
    return list(EventCopy.objects.order_by("id"))


def test_an_event_of_a_page_leaves_what_the_page_gave_to_the_script_and_what_we_sent(
    from_page: Receive,
) -> None:
    event = from_page("order-1", "browser-1")
    sent, script = written()
    assert (script.side, sent.side) == (SCRIPT, PAGE)
    assert script.event_id == sent.event_id == event.pk
    assert (script.destination, script.name) == (sent.destination, sent.name) == (PIXEL, "Purchase")
    assert None is not script.id_hash != sent.id_hash is not None
    # The cookie of the visitor; the rule of this shop sends Meta none.
    assert script.browser_hash is not None is sent.browser_hash


def test_two_equal_copies_are_one_row(from_page: Receive, prop: Property) -> None:
    event = from_page("order-1", cookies=False)
    assert [it.side for it in written()] == [BOTH]
    found, _ = copies_of(prop.environments.get(stage="production"), timezone.now())
    assert [(it.side, it.event_id) for it in found] == [(SCRIPT, event.pk), (PAGE, event.pk)]
    assert found[0].id_hash == found[1].id_hash is not None


def test_an_event_of_a_server_leaves_one_copy(receive: Receive) -> None:
    receive("order-1")
    assert [it.side for it in written()] == [SERVER]


def test_an_event_without_an_id_has_none_although_it_is_sent_with_one_of_ours(
    receive: Receive, meta: FakeMeta
) -> None:
    event = receive("")
    assert meta.requests[0].body["data"][0]["event_id"] == str(event.pk)
    assert [it.id_hash for it in written()] == [None]


def test_rules_do_not_see_what_the_page_noted_for_us(from_page: Receive) -> None:
    event = from_page("order-1")
    assert "capiCopies" in event.body
    call = event.call()
    assert call["event"]["data"]["event_id"] == "order-1"
    assert "capiCopies" not in call["event"]["data"]
    assert "capiCopies" not in call["request"]["body"]["data"]


def test_no_id_and_no_customer_data_is_kept_as_text(from_page: Receive) -> None:
    from_page("order-77", order_id="order-77")
    for row in EventCopy.objects.values_list():
        texts = [str(value) for value in row]
        assert not any(secret in text for text in texts for secret in ("order-77", EMAIL, FBP, "1116446470"))


def test_hashes_depend_on_the_key_of_the_installation(receive: Receive, settings: Any) -> None:
    receive("order-1")
    settings.SECRET_KEY = "another key, as long as a key of an installation has to be, so as to be one"
    receive("order-1")
    first, second = written()
    assert first.id_hash != second.id_hash


def test_what_was_never_sent_is_no_copy(receive: Receive) -> None:
    receive("order-1", currency="kronor")
    assert written() == []


def test_an_event_that_runs_again_leaves_no_second_copy(receive: Receive) -> None:
    event = receive("order-1")
    # As a replay leaves it.
    InboundEvent.objects.filter(pk=event.pk).update(state=InboundEvent.State.RECEIVED, replays=1)
    while deliver_due():
        pass
    assert len(written()) == 1


def test_what_a_browser_makes_up_is_bounded(receive: Receive) -> None:
    marks = [(PIXEL, "Purchase", str(number)) for number in range(50)]
    receive("order-1", (PIXEL, "x" * 900, "1"), *marks)
    names = [it.name for it in written() if it.side == SCRIPT]
    assert [len(it) for it in names] == [255, 8, 8, 8, 8]


@pytest.mark.parametrize("marks", ["no list", {"a": 1}, [1, [2]], [["p", "", "1"]], [[PIXEL, {"a": 1}, "1"]]])
def test_what_is_no_mark_is_left_out(receive: Receive, marks: Any) -> None:
    receive("order-1", capiCopies=marks)
    assert [it.side for it in written()] == [SERVER]


@pytest.mark.parametrize(
    ("text", "plain", "form"),
    [
        ("order-1", "order-1", 0),
        ("ORDER-1", "order-1", CASE),
        (" order-1\n", "order-1", SPACE),
        ("Order 1", "order1", CASE + SPACE),
        ("1001", "1001", 0),
        ("1001.0", "1001", TYPE),
        ("01001", "1001", TYPE),
        ("0", "0", 0),
        ("1001.5", "1001.5", 0),
        ("3f2a-0001", "3f2a-0001", 0),
    ],
)
def test_the_plain_form_has_no_blanks_capitals_and_zeros_too_many(text: str, plain: str, form: int) -> None:
    assert plain_form(text) == (plain, form)


def test_copies_are_forgotten_when_no_page_shows_them(receive: Receive, from_page: Receive) -> None:
    from_page("old", at=timezone.now() - timedelta(days=DAYS_KEPT, hours=1))
    kept = receive("new")
    assert forget_copies(timezone.now()) == 1
    assert [it.event_id for it in written()] == [kept.pk]
