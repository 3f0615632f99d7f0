"""Requests of a fetch call. Source: docs/reference/adobe.md, "Cloud Connector"; RFC 9110 5.5."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.errors import Misconfigured, Rejected
from properties.catalog.forms import check_settings, form_for
from properties.catalog.outbound import OutboundRequest
from properties.catalog.testing import fake_context, run_component

from ..extension import MAKE_FETCH_CALL

URL = "https://api.example.com/orders"


def fetch(settings: dict[str, Any], **context: Any) -> OutboundRequest:
    made = run_component(MAKE_FETCH_CALL, {"method": "POST", "url": URL, **settings}, fake_context(**context))
    assert isinstance(made, OutboundRequest)
    return made


def problems(settings: dict[str, Any], elements: list[str] | None = None) -> list[tuple[str, str]]:
    settings = {"method": "POST", "url": URL, **settings}
    return [(it.path, it.message) for it in check_settings(MAKE_FETCH_CALL, settings, elements=elements)]


def test_it_goes_to_the_public_internet_only() -> None:
    assert fetch({}).public_only


def test_settings_as_adobes_extension_saves_them_are_right() -> None:
    settings = {
        "headers": [{"key": "X-Key", "value": "{{Key}}"}],
        "body": {"a": {"b": "{{Value}}"}},
        "responseKey": "answer",
        "useMtls": True,
    }
    assert problems(settings) == []
    assert problems({"body": "raw {{Value}}"}) == []


def test_values_keep_their_types_in_a_json_body() -> None:
    made = fetch({"body": {"total": "{{Total}}", "text": "{{Total}} EUR"}}, data_elements={"Total": 99.5})
    assert made.body == {"total": 99.5, "text": "99.5 EUR"}
    assert made.headers == {"Content-Type": "application/json"}


def test_raw_text_is_text() -> None:
    made = fetch({"body": '{"total": {{Total}}}'}, data_elements={"Total": 99.5})
    assert made.body == '{"total": 99.5}'
    assert made.headers == {"Content-Type": "text/plain;charset=UTF-8"}


def test_a_configured_content_type_wins_in_any_letter_case() -> None:
    made = fetch({"body": {}, "headers": [{"key": "content-TYPE", "value": "application/ld+json"}]})
    assert made.headers == {"content-TYPE": "application/ld+json"}


def test_the_last_of_two_headers_of_one_name_wins() -> None:
    headers = [{"key": "X-A", "value": "1"}, {"key": "x-a", "value": "2"}]
    assert fetch({"headers": headers}).headers == {"x-a": "2"}


@pytest.mark.parametrize("method", ["GET"])
def test_a_get_request_has_no_body(method: str) -> None:
    made = fetch({"method": method, "body": {"a": 1}})
    assert (made.body, made.headers) == (None, {})


def test_names_and_values_of_parameters_can_contain_data_elements_and_are_encoded() -> None:
    pairs = [{"key": "{{Name}}", "value": "{{Value}}"}, {"key": "empty", "value": "{{Nothing}}"}]
    made = fetch(
        {"url": f"{URL}?a=1#top", "queryParams": pairs},
        data_elements={"Name": "q ä", "Value": "1&b=2", "Nothing": None},
    )
    assert made.url == f"{URL}?a=1&q%20%C3%A4=1%26b%3D2&empty=#top"


def test_names_of_headers_and_pairs_can_contain_data_elements() -> None:
    made = fetch(
        {
            "headers": [{"key": "X-{{Name}}", "value": "1"}],
            "bodyFormat": "pairs",
            "bodyPairs": [{"key": "{{Name}}", "value": "{{List}}"}],
        },
        data_elements={"Name": "Shop", "List": [1, 2]},
    )
    assert made.headers["X-Shop"] == "1"
    assert made.body == {"Shop": [1, 2]}


@pytest.mark.parametrize(
    ("pairs", "body"),
    [
        ([("foo.bar", 1)], {"foo": {"bar": 1}}),
        ([("foo[0].bar", 1), ("foo[0].baz", 2)], {"foo": [{"bar": 1, "baz": 2}]}),
        ([("foo[].bar", 1), ("foo[].baz", 2)], {"foo": [{"bar": 1}, {"baz": 2}]}),
        ([("foo[]", "a"), ("foo[]", "b")], {"foo": ["a", "b"]}),
        ([("foo[2]", "c")], {"foo": [None, None, "c"]}),
        ([("foo[0][1]", "x")], {"foo": [[None, "x"]]}),
        ([("foo bar", 1), ("a-b.c d", 2)], {"foo bar": 1, "a-b": {"c d": 2}}),
    ],
)
def test_the_name_of_a_pair_may_be_a_path(pairs: Any, body: Any) -> None:
    """Source: Adobe, Cloud Connector, ``entityVariablesConverter.js``: the cases that its comments name."""
    rows = [{"key": key, "value": value} for key, value in pairs]
    assert fetch({"bodyFormat": "pairs", "bodyPairs": rows}).body == body


@pytest.mark.parametrize("name", ["a..b", ".a", "a.", "a[x]", "a[1000]", "[0]", "a]b", "[]", "a[0]b"])
def test_a_name_that_is_not_a_path_is_a_key_unchanged(name: str) -> None:
    rows = [{"key": name, "value": 1}]
    assert fetch({"bodyFormat": "pairs", "bodyPairs": rows}).body == {name: 1}


def test_a_later_pair_replaces_an_earlier_one_that_conflicts() -> None:
    rows = [{"key": "a", "value": 1}, {"key": "a.b", "value": 2}, {"key": "a.b", "value": 3}]
    assert fetch({"bodyFormat": "pairs", "bodyPairs": rows}).body == {"a": {"b": 3}}


def test_a_data_element_as_a_name_inside_json_is_refused_with_a_way_out() -> None:
    """Source: docs/reference/adobe.md, "Token substitution": a token in the name of a key is refused."""
    ((path, message),) = problems({"body": {"a": [{"{{Name}}": 1}]}}, elements=["Name"])
    assert path == "body"
    assert "“{{Name}}” cannot contain a data element" in message


def test_a_blank_in_the_address_is_encoded() -> None:
    assert fetch({"url": f"{URL}/{{{{Id}}}}"}, data_elements={"Id": "T 1"}).url == f"{URL}/T%201"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://api.example.com/",
        "api.example.com/",
        "https://localhost/",
        "https://intranet/",
        "https://user:pass@api.example.com/",
        "https://api.example.com\\@127.0.0.1/",
        "https://api.exa mple.com/",
        "https://api.example.com:port/",
        "https://[::1/",
        "https://api.example.com/\nX: y",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_cannot_be_called_is_refused_before_and_when_it_runs(url: str) -> None:
    assert [path for path, _ in problems({"url": url})] == ["url"]
    with pytest.raises(Rejected) as refused:
        fetch({"url": url})
    assert refused.value.code == "address_refused"


def test_a_data_element_that_does_not_return_an_address_refuses_the_event() -> None:
    for value in (None, "", 5, {"a": 1}, "http://localhost/"):
        with pytest.raises(Rejected):
            fetch({"url": "{{Address}}"}, data_elements={"Address": value})


@pytest.mark.parametrize(
    "url",
    ["{{Address}}", "https://{{Host}}/a", "https://{{Shop}}.example.com:{{Port}}/", f"{URL}/{{{{Id}}}}"],
)
def test_an_address_with_data_elements_is_checked_when_it_runs(url: str) -> None:
    assert problems({"url": url}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "1\r\nHost: evil"),
        ("X-A", "ключ"),
        ("X A", "1"),
        ("Häder", "1"),
        ("Host", "evil"),
        ("TE", "x"),
    ],
)
def test_a_header_that_http_does_not_allow_is_refused_before_and_when_it_runs(name: str, value: str) -> None:
    headers = [{"key": name, "value": value}]
    assert [path for path, _ in problems({"headers": headers})] == ["headers[0].key"]
    with pytest.raises(Rejected) as refused:
        fetch({"headers": headers})
    assert refused.value.code == "header_refused"


def test_the_refusal_does_not_show_the_value() -> None:
    with pytest.raises(Rejected) as refused:
        fetch({"headers": [{"key": "X-A", "value": "jane@example.com\n"}, {"key": "X-B", "value": "é\x00"}]})
    assert "jane" not in str(refused.value)


def test_mutual_tls_presents_the_certificate_of_the_configuration() -> None:
    made = fetch({"useMtls": True}, extension_settings={"clientCertificate": "[[secret:Certificate]]"})
    assert made.client_certificate == "[[secret:Certificate]]"
    assert fetch({}, extension_settings={"clientCertificate": "[[secret:x]]"}).client_certificate == ""


def test_mutual_tls_without_a_certificate_waits_for_a_person() -> None:
    with pytest.raises(Misconfigured, match="configure the extension"):
        fetch({"useMtls": True})


def test_json_typed_into_the_page_is_kept_as_json_and_other_text_as_text() -> None:
    for typed, kept in [('{"a": "{{A}}"}', {"a": "{{A}}"}), ('{"a": {{A}}}', '{"a": {{A}}}'), ("a=1", "a=1")]:
        data = {"method": "POST", "url": URL, "bodyFormat": "content", "body": typed}
        form = form_for(MAKE_FETCH_CALL, data=data, elements=["A"])
        assert form.is_valid()
        assert form.to_settings()["body"] == kept


def test_raw_text_that_happens_to_be_json_stays_raw_when_it_is_not_changed() -> None:
    settings = {"method": "POST", "url": URL, "body": '{"a": 1}'}
    data = {"method": "POST", "url": URL, "bodyFormat": "content", "body": '{"a": 1}'}
    form = form_for(MAKE_FETCH_CALL, settings=settings, data=data)
    assert form.is_valid()
    assert form.to_settings()["body"] == '{"a": 1}'
