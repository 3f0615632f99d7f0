"""What settings are refused, how they read on a rule's card, and what becomes of Adobe's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from properties.catalog.descriptor import ComponentType
from properties.catalog.forms import check_settings
from properties.catalog.tokens import tokens_of

from ..extension import extension
from ..selectors import mistake

TYPES = {extension.delegate_id(kind).partition("::")[2]: kind for kind in extension.types()}


@pytest.fixture(autouse=True)
def _tags() -> Iterator[None]:
    with tokens_of("web"):
        yield


def problems(kind: ComponentType, settings: Mapping[str, Any]) -> list[str]:
    return [it.message for it in check_settings(kind, settings, elements=None)]


# W3C, Selectors Level 4: the examples of its table of selectors, and what people write.
@pytest.mark.parametrize(
    "selector",
    [
        *("*", "E", "E:not(s1, s2)", "E:is(s1, s2)", "E.warning", "E#myid", "E[foo]", 'E[foo="bar"]'),
        *('E[foo="bar" i]', 'E[foo~="bar"]', "E[foo|='en']", "E:nth-child(2n + 1 of .a)", "E::before"),
        *("E F", "E > F", "E + F", "E ~ F", "a, b ,c", "ns|E", "*|*", "|E", "a:hover > b:not([href^='#'])"),
        *(".add-to-cart-button", "#checkout .btn--primary", "[data-sku]", ".a.b#c", ".größe", ".w-1\\/2"),
        *("input[name=items\\[\\]]", "a[href='(']", ":has(> img[alt=')'])", " .a ", "button:not(.off) span"),
    ],
)
def test_selectors_of_the_standard_are_accepted(selector: str) -> None:
    assert mistake(selector) == ""


@pytest.mark.parametrize(
    "selector",
    [
        *(
            ".",
            "#",
            ".1a",
            "a >",
            "> a",
            "a,,b",
            "a,",
            ",a",
            "a > > b",
            "[foo",
            "[foo=]",
            "[=a]",
            "a{color:red}",
        ),
        *(":not(.a", "a..b", "a.#b", "$('.a')", ".a:", "a[b='c]", ".a)b", "div.btn button]", "%"),
    ],
)
def test_what_no_browser_accepts_is_refused(selector: str) -> None:
    assert mistake(selector)


def test_a_refusal_names_the_place_and_an_example() -> None:
    assert problems(TYPES["events::click"], {"elementSelector": ".cart ..button"}) == [
        "“..button” cannot stand at position 7 of a selector. Write it as in a style sheet, such as"
        " .add-to-cart-button."
    ]


@pytest.mark.parametrize(
    ("kind", "settings", "word"),
    [
        (
            "events::click",
            {"elementProperties": [{"name": "id", "value": "(", "valueIsRegex": True}]},
            "without a “)”",
        ),
        ("events::click", {"anchorDelay": 0}, "1 or more"),
        ("events::hover", {"elementSelector": "a", "delay": -1}, "0 or more"),
        ("events::hover", {}, "needed"),
        ("events::change", {"acceptableChangeValues": [{"value": "[", "valueIsRegex": True}]}, "["),
        ("events::custom-event", {}, "needed"),
        ("events::data-element-change", {"name": "%Cart Total%"}, "does not accept data elements"),
        ("events::time-on-page", {"timeOnPage": 0}, "1 or more"),
        ("events::custom-code", {}, "needed"),
        ("conditions::path", {"paths": [{"value": "*.html", "valueIsRegex": True}]}, "repeat"),
        ("conditions::domain", {"domains": ["https://shop.example"]}, "host alone"),
        ("conditions::sampling", {"rate": 10}, "0 to 1"),
        (
            "conditions::value-comparison",
            {"leftOperand": "%A%", "comparison": {"operator": "lessThan"}, "rightOperand": "ten"},
            "Enter a number",
        ),
        (
            "conditions::value-comparison",
            {"leftOperand": "A", "comparison": {"operator": "isTrue"}},
            "exactly one data element",
        ),
        ("dataElements::javascript-variable", {"path": "data layer.value"}, "names with dots"),
        ("dataElements::dom-attribute", {"elementSelector": "h1 >", "elementProperty": "id"}, "follow"),
        ("dataElements::random-number", {"min": 5, "max": 3}, "not below the minimum"),
    ],
)
def test_wrong_settings_are_refused_in_words(kind: str, settings: dict[str, Any], word: str) -> None:
    found = problems(TYPES[kind], settings)
    assert len(found) == 1
    assert word in found[0]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("events::click", {"elementSelector": ".%Class%(("}),
        (
            "events::click",
            {"elementProperties": [{"name": "id", "value": "%Pattern%(", "valueIsRegex": True}]},
        ),
        ("events::click", {"anchorDelay": "%Delay%"}),
        ("dataElements::javascript-variable", {"path": "%Layer%.value"}),
    ],
)
def test_what_a_data_element_may_complete_is_accepted(kind: str, settings: dict[str, Any]) -> None:
    assert problems(TYPES[kind], settings) == []


@pytest.mark.parametrize(
    ("kind", "settings", "summary"),
    [
        ("events::click", {"elementSelector": ".add-to-cart-button"}, "Click on .add-to-cart-button"),
        ("events::click", {}, "Click"),
        (
            "events::click",
            {
                "elementProperties": [
                    {"name": "id", "value": "a"},
                    {"name": "rel", "value": "^b", "valueIsRegex": True},
                ]
            },
            "Click on elements with id = a and rel matching ^b",
        ),
        (
            "events::change",
            {"elementSelector": "select", "acceptableChangeValues": [{"value": "express"}]},
            "Change on select to “express”",
        ),
        ("events::custom-event", {"type": "order:%Kind%"}, "Custom event order:Kind"),
        ("events::enters-viewport", {"elementSelector": "footer"}, "Comes into view: footer"),
        ("events::time-on-page", {"timeOnPage": 30}, "30 seconds on the page"),
        ("events::dom-ready", {}, "DOM Ready"),
        ("events::custom-code", {"source": "// at the end\n\ntrigger();"}, "trigger();"),
        (
            "conditions::path",
            {"paths": [{"value": "/a"}, {"value": "/b"}, {"value": "^/c", "valueIsRegex": True}]},
            "Path is “/a”, “/b” or matches ^/c",
        ),
        ("conditions::domain", {"domains": ["a.example", "b.example"]}, "Domain is a.example or b.example"),
        ("conditions::sampling", {"rate": 0.1}, "10% of visits"),
        ("conditions::sampling", {"rate": 0.125}, "12.5% of visits"),
        (
            "conditions::value-comparison",
            {"leftOperand": "%Cart Total%", "comparison": {"operator": "greaterThan"}, "rightOperand": "100"},
            "Cart Total is greater than “100”",
        ),
        (
            "conditions::value-comparison",
            {"leftOperand": "%Coupon%", "comparison": {"operator": "isFalsy"}},
            "Coupon is falsy",
        ),
        ("dataElements::merged-objects", {"objects": ["%A%", "%B%"]}, "A + B"),
        ("actions::trigger-direct-call", {"identifier": "order complete"}, "order complete"),
    ],
)
def test_a_card_says_it_in_one_line(kind: str, settings: dict[str, Any], summary: str) -> None:
    summarize = TYPES[kind].summary
    assert summarize is not None
    assert summarize(settings) == summary


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_every_summary_stands_settings_that_somebody_wrote_by_hand(kind: ComponentType) -> None:
    odd: list[Any] = [
        {},
        *({field.key: value} for field in kind.fields for value in (None, 7, [], [None], {}, "a")),
    ]
    for settings in odd:
        if kind.summary:
            assert isinstance(kind.summary(settings), str)


# adobe/reactor-extension-core, extension.json: the forms of older exports.
@pytest.mark.parametrize(
    ("kind", "theirs", "ours"),
    [
        (
            "conditions::cookie",
            {"name": "a", "value": "b", "valueIsRegex": True},
            {"name": "a", "cookieValues": [{"value": "b", "valueIsRegex": True}]},
        ),
        (
            "conditions::query-string-parameter",
            {"name": "a", "value": "b", "valueIsRegex": False},
            {"name": "a", "queryParams": [{"value": "b"}]},
        ),
        (
            "conditions::cookie",
            {"name": "a", "cookieValues": [{"value": "b"}]},
            {"name": "a", "cookieValues": [{"value": "b"}]},
        ),
        (
            "events::change",
            {"elementSelector": "a", "acceptableChangeValues": [{"value": ""}]},
            {"elementSelector": "a"},
        ),
        ("events::change", {"value": "b"}, {"acceptableChangeValues": [{"value": "b"}]}),
        ("actions::custom-code", {"language": "javascript", "source": "a()"}, {"source": "a()"}),
        (
            "actions::custom-code",
            {"language": "html", "source": "<img src='https://a.example/'></img>"},
            {
                "source": "document.body.insertAdjacentHTML('beforeend', \"<img src='https://a.example/'><\\/img>\");"
            },
        ),
    ],
)
def test_settings_of_adobe_become_ours(kind: str, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    adopt = TYPES[kind].adopt
    assert adopt is not None
    assert adopt(theirs)[0] == ours
    assert problems(TYPES[kind], ours) == []


def test_html_with_scripts_waits_for_a_person() -> None:
    kind = TYPES["actions::custom-code"]
    assert kind.adopt
    assert kind.lacks
    adopted, notes = kind.adopt({"language": "html", "source": "<b>a</b><SCRIPT>b()</SCRIPT>"})
    assert notes == ["HTML became JavaScript that adds it at the end of the page. Scripts in it do not run."]
    assert len(list(kind.lacks(adopted))) == 1
    assert list(kind.lacks(kind.adopt({"language": "html", "source": "<b>a</b>"})[0])) == []
    assert kind.adopt({"language": "javascript", "global": True, "source": "var a;"})[1]


def test_adobes_ids_lead_to_our_types() -> None:
    assert "core::events::click" in TYPES["events::click"].replaces
    assert "core::actions::direct-call" in TYPES["actions::trigger-direct-call"].replaces
    assert all(kind.replaces and kind.client for kind in TYPES.values())
