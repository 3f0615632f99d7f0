"""Source: Adobe, Core extension (tags), URL conditions; RFC 3986, section 5.4."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.errors import InvalidParameter
from properties.catalog.testing import fake_context, run_component

from ..addresses import Address, read_address
from ..page_conditions import EVENT_TYPE, URL
from ..request_parts import COOKIE, HEADER, QUERY_STRING_PARAMETER

PAGE = "https://user:pass@Shop.Example.com:8443/Checkout/a%20b?x=1&utm_Source=a+b%26&x=2&flag#Top"


def is_there(part: str, *values: Any, url: Any = PAGE, name: str = "", regex: bool = False) -> bool:
    rows = [{"value": value, **({"valueIsRegex": True} if regex else {})} for value in values]
    settings = {"part": part, "values": rows, "url": "{{Page}}", "name": name}
    return bool(run_component(URL, settings, fake_context(data_elements={"Page": url})))


def test_an_address_is_taken_apart() -> None:
    assert read_address(PAGE) == Address(
        "https", "shop.example.com", "/Checkout/a%20b", "x=1&utm_Source=a+b%26&x=2&flag", "Top"
    )
    assert read_address("https://shop.example") == Address("https", "shop.example", "/", "", "")
    assert read_address("/a?b=c") == Address("", "", "/a", "b=c", "")


@pytest.mark.parametrize("value", [None, "", "  ", 7, True, [], {}])
def test_these_are_no_addresses(value: Any) -> None:
    assert read_address(value) is None


@pytest.mark.parametrize(
    "value", ["http://[::1", "//", "https://:0:0:0/", "?", "#", ":", "%%%", "a:b:c", "\n?x"]
)
def test_a_broken_address_does_no_harm(value: str) -> None:
    for part in ("path", "pathAndQuery", "query", "domain", "subdomain", "hash", "protocol"):
        assert not is_there(part, "never", url=value, name="x")


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        ("path", "/Checkout/a%20b", True),
        ("path", "/checkout/a%20b", False),
        ("pathAndQuery", "/Checkout/a%20b?x=1&utm_Source=a+b%26&x=2&flag", True),
        ("domain", "example.com", True),
        ("domain", "shop.EXAMPLE.com", True),
        ("domain", "ample.com", False),
        ("subdomain", "shop.example.com", True),
        ("subdomain", "example.com", False),
        ("hash", "#Top", True),
        ("hash", "Top", True),
        ("hash", "#top", False),
        ("protocol", "https:", True),
        ("protocol", "http", False),
    ],
)
def test_parts_are_compared(part: str, value: str, expected: bool) -> None:
    assert is_there(part, value) is expected
    assert is_there(part, "something else", value) is expected


def test_a_pattern_is_searched_for_in_any_case() -> None:
    assert is_there("path", "^/checkout/", regex=True)
    assert not is_there("path", "^checkout", regex=True)


def test_a_pattern_beyond_re2_is_run_by_javascript() -> None:
    asked: list[tuple[str, ...]] = []

    def run_pattern(*question: str) -> bool:
        asked.append(question)
        return True

    context = fake_context(data_elements={"Page": "/a"}, run_pattern=run_pattern)
    settings = {"part": "path", "url": "{{Page}}", "values": [{"value": "(?=a)", "valueIsRegex": True}]}
    assert run_component(URL, settings, context) is True
    assert asked == [("test", "(?=a)", "i", "/a")]


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("2", True), ("3", False)])
def test_any_value_of_a_parameter_counts(value: str, expected: bool) -> None:
    assert is_there("query", value, name="X") is expected


def test_without_values_it_is_enough_that_a_parameter_is_there() -> None:
    assert is_there("query", name="flag")
    assert not is_there("query", name="other")
    assert not is_there("path")


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        ({"part": "path"}, ["values"]),
        ({"part": "query"}, ["name"]),
        ({"part": "query", "name": "x"}, []),
        ({"part": "path", "values": [{"value": "(", "valueIsRegex": True}]}, ["values[0].value"]),
        ({"part": "path", "values": [{"value": "(?=a)", "valueIsRegex": True}]}, []),
        ({"part": "path", "values": [{"value": "("}]}, []),
    ],
)
def test_what_a_part_needs_is_asked_for(settings: dict[str, Any], paths: list[str]) -> None:
    assert URL.check is not None
    assert [problem.path for problem in URL.check(settings)] == paths


@pytest.mark.parametrize(
    ("event", "wanted", "expected"),
    [
        ({"xdm": {"eventType": "commerce.purchases"}}, ["commerce.purchases"], True),
        ({"xdm": {"eventType": "commerce.purchases"}}, ["Commerce.purchases"], False),
        ({"xdm": {"eventType": "commerce.purchases"}}, ["commerce.*"], True),
        ({"data": {"event": "Purchase"}}, ["AddToCart", " Purchase "], True),
        ({"data": {"eventName": "A", "event": "B"}}, ["B"], False),
        ({"xdm": {"eventType": ""}, "data": {"event_name": "C"}}, "C", True),
        ({"xdm": {"eventType": 7}}, ["*"], False),
        ({}, ["*", ""], False),
    ],
)
def test_an_event_has_one_of_the_types(event: dict[str, Any], wanted: Any, expected: bool) -> None:
    assert run_component(EVENT_TYPE, {"eventTypes": wanted}, fake_context(**event)) is expected


@pytest.mark.parametrize(
    ("name", "case_insensitive", "value"),
    [
        ("x", False, "1"),
        ("utm_Source", False, "a b&"),
        ("UTM_SOURCE", True, "a b&"),
        ("UTM_SOURCE", False, None),
        ("flag", False, ""),
        ("nope", True, None),
    ],
)
def test_a_parameter_is_decoded(name: str, case_insensitive: bool, value: str | None) -> None:
    context = fake_context(xdm={"web": {"webPageDetails": {"URL": PAGE}}})
    settings = {"name": name, "caseInsensitive": case_insensitive}
    assert run_component(QUERY_STRING_PARAMETER, settings, context) == value


def request(header: Any) -> Any:
    arc = {"event": {"xdm": {}, "data": {}}, "request": {"header": header}, "ruleStash": {}}
    return fake_context(arc=arc)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ({"httpHeaders": {"accept-language": ["de", "en"]}}, "de, en"),
        ({"httpHeaders": {"accept-language": []}}, None),
        ({"httpHeaders": {"accept-language": "de"}}, None),
        ({"httpHeaders": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_header_is_read_whatever_its_case(header: Any, value: str | None) -> None:
    assert run_component(HEADER, {"name": " Accept-Language"}, request(header)) == value


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ({"cookies": {"_fbp": "fb.1.2.3"}}, "fb.1.2.3"),
        ({"httpHeaders": {"cookie": ["a=b; _fbp=fb.1.2.3"]}}, "fb.1.2.3"),
        ({"cookies": {"_FBP": "fb.1.2.3"}}, None),
        ({"cookies": ["_fbp"]}, None),
        ({"cookies": {"_fbp": 1}, "httpHeaders": {"cookie": ["a=1", "_fbp=2"]}}, "2"),
        ({"httpHeaders": {"cookie": ["_fbp=first; _fbp=second"]}}, "first"),
        ({"httpHeaders": {"cookie": ['_fbp = "a=b=="; c=d']}}, "a=b=="),
        ({"httpHeaders": {"cookie": ["_fbp=a%20b%zz%00"]}}, "a b%zz"),
        ({"httpHeaders": {"cookie": ['_fbp="']}}, '"'),
        ({"httpHeaders": {"cookie": ["_fbp="]}}, ""),
        ({"httpHeaders": {"cookie": "_fbp=1"}}, None),
        (None, None),
    ],
)
def test_a_cookie_is_read_by_its_name(header: Any, value: str | None) -> None:
    assert run_component(COOKIE, {"name": "_fbp"}, request(header)) == value


def test_a_wrong_pattern_from_an_event_is_reported() -> None:
    with pytest.raises(InvalidParameter):
        is_there("path", "(", regex=True)
