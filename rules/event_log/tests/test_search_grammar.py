"""The search field: what each text means, and that no email address leaves it in plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.event_log.filters import EventLogFilter, is_plain_address
from rules.event_log.search import Search, ValueRange, read_search, shown_search, without_address

# Meta, Customer Information Parameters, sample hash of "em".
JOHN, JOHN_HASH = "john_smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


@pytest.mark.parametrize(
    ("typed", "operator", "amount"),
    [
        ("value >500", ">", 500),
        (">500", ">", 500),
        (">= 12.5", ">=", 12.5),
        ("<10", "<", 10),
        ("value 12.5", "=", 12.5),
        ("value: 12,50", "=", 12.5),
        ("VALUE <= 3", "<=", 3),
        ("=0", "=", 0),
    ],
)
def test_a_value_with_its_comparison(typed: str, operator: str, amount: float) -> None:
    assert read_search(typed).value == ValueRange(operator, amount)  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["value", "value much", "12.5", ">", "> much", "value > 1 2", "values 3"])
def test_everything_else_is_an_id_or_a_name(typed: str) -> None:
    assert read_search(typed) == Search(text=typed)


@pytest.mark.parametrize(
    "typed",
    [JOHN, f"email:{JOHN}", f"EMAIL: {JOHN.upper()}", f"  {JOHN} ", f"email:{JOHN_HASH}", f"mailto:{JOHN}"],
)
def test_an_address_is_its_hash(typed: str) -> None:
    assert read_search(typed).email_hash == JOHN_HASH
    assert without_address(typed) == f"email:{JOHN_HASH}"
    assert shown_search(typed) == "email:62a1…f62f"


@pytest.mark.parametrize("typed", ["email:", "email: nobody", "a b@c. d", "email:john@"])
def test_what_is_meant_as_an_address_and_is_none_finds_nothing(typed: str) -> None:
    assert read_search(typed) == Search(is_wrong=True)
    assert without_address(typed) == "email:"


LOCAL = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789._+-", min_size=1, max_size=30)
ADDRESSES = st.builds(lambda name, host: f"{name}@{host}.example", LOCAL, st.text("abcxyz-", min_size=1))
AROUND = st.sampled_from(["{}", " {} ", "email:{}", "email: {}", "<{}>", "“{}”", "to {}", "{},"])


@given(ADDRESSES, AROUND)
def test_no_address_stands_in_a_page_address(address: str, around: str) -> None:
    typed = around.format(address)
    for query in (without_address(typed), EventLogFilter.of({"q": typed}).query()):
        assert "@" not in query
        assert "%40" not in query
    assert is_plain_address({"q": typed})
    assert not is_plain_address({"q": without_address(typed)})


@given(st.text(max_size=600))
def test_every_text_is_read_and_reads_the_same_from_its_address(typed: str) -> None:
    kept = without_address(typed)
    assert len(kept) <= 255
    assert "\0" not in kept
    assert without_address(kept) == kept
    assert read_search(kept) == read_search(typed)
    assert bool(read_search(typed)) == bool(kept)


@given(st.floats(0, 10**9), st.sampled_from([">", "<", ">=", "<=", ""]))
def test_each_value_that_a_page_shows_can_be_searched(amount: float, operator: str) -> None:
    typed = f"value {operator}{amount:.2f}"
    assert read_search(typed).value == ValueRange(operator or "=", float(f"{amount:.2f}"))  # type: ignore[arg-type]


NAMES = ("q", "range", "since", "until", "result", "rule", "destination", "test", "cause", "replay", "before")


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=300)))
def test_every_address_is_read(query: dict[str, str]) -> None:
    asked = EventLogFilter.of(query)
    low, high = asked.bounds()
    assert 0 <= low < 2**63
    assert 0 <= high < 2**63
    assert EventLogFilter.of(dict(_pairs(asked.query()))) == EventLogFilter.of(
        {name: value for name, value in query.items() if name != "before"}
    )


def _pairs(query: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(query)


@pytest.mark.parametrize("until", ["0001-01-01", "9999-12-31T23:59:59Z", "2026-11-30T12:00:00+14:00"])
def test_times_at_the_end_of_time_are_read(until: str) -> None:
    for name in ("since", "until"):
        low, high = EventLogFilter.of({name: until}).bounds()
        assert 0 <= low <= 2**63
        assert 0 <= high <= 2**63


def test_a_pinned_filter_has_fixed_times() -> None:
    pinned = EventLogFilter.of({"range": "1h", "q": "Purchase", "before": "5"}).pinned()
    assert (pinned.range, pinned.before, pinned.q) == ("", None, "Purchase")
    assert EventLogFilter.of(dict(_pairs(pinned.query()))) == pinned
