"""Worked examples, used as tests and as documentation.

The page of an example has a body (``html``) and runs JavaScript before the library (``before``) and after
it (``then``). The result of an event is how often its rule starts; that of an action is what ``shows`` gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from properties.catalog.examples import Example

from .sources import CORE

_Example = partial(Example, source=CORE)
_BUTTON = '<button class="add-to-cart-button" data-sku="A-1"><b>Add</b></button>'
_CLICK = "document.querySelector('b').click();"

EVENTS: Mapping[str, Sequence[Example]] = {
    "library-loaded": [_Example(title="The library starts the rule at once", settings={}, result=1)],
    "page-bottom": [
        _Example(title="A page that never calls pageBottom starts the rule too", settings={}, result=1)
    ],
    "dom-ready": [_Example(title="The rule starts when the HTML has been read", settings={}, result=1)],
    "window-loaded": [_Example(title="The rule starts when the page is loaded", settings={}, result=1)],
    "click": [
        _Example(
            title="A click inside a button counts for the button",
            settings={"elementSelector": ".add-to-cart-button", "afterPage": True},
            page={"html": _BUTTON, "then": _CLICK},
            result=1,
        ),
        _Example(
            title="A click on any element counts once",
            settings={},
            page={"html": f"<main><div>{_BUTTON}</div></main>", "then": _CLICK},
            result=1,
        ),
        _Example(
            title="Nested elements that fit each start the rule",
            settings={"elementSelector": "div"},
            page={"html": f"<div><div>{_BUTTON}</div></div>", "then": _CLICK},
            result=2,
        ),
        _Example(
            title="The value of a property can be a regular expression",
            settings={
                "elementSelector": "button",
                "elementProperties": [{"name": "data-sku", "value": "^a-", "valueIsRegex": True}],
            },
            page={"html": _BUTTON, "then": _CLICK},
            result=1,
        ),
    ],
    "hover": [
        _Example(
            title="The pointer comes onto the card once, however it moves inside",
            settings={"elementSelector": ".card"},
            page={
                "html": '<div class="card"><i>a</i><i>b</i></div>',
                "then": (
                    "const [a, b] = document.querySelectorAll('i');"
                    "const move = (to, from) => to.dispatchEvent("
                    "new MouseEvent('mouseover', {bubbles: true, relatedTarget: from}));"
                    "move(a, document.body); move(b, a);"
                ),
            },
            result=1,
        )
    ],
    "submit": [
        _Example(
            title="Sending the form starts the rule",
            settings={"elementSelector": "#newsletter", "afterPage": True},
            page={
                "html": '<form id="newsletter"><button>Send</button></form>',
                "then": (
                    "document.addEventListener('submit', (event) => event.preventDefault());"
                    "document.querySelector('button').click();"
                ),
            },
            result=1,
        )
    ],
    "change": [
        _Example(
            title="Only the named value starts the rule",
            settings={"elementSelector": "select", "acceptableChangeValues": [{"value": "express"}]},
            page={
                "html": "<select><option>normal</option><option>express</option></select>",
                "then": (
                    "const select = document.querySelector('select');"
                    "for (const value of ['normal', 'express']) {"
                    " select.value = value; select.dispatchEvent(new Event('change', {bubbles: true})); }"
                ),
            },
            result=1,
        )
    ],
    "focus": [
        _Example(
            title="The focus on an input starts the rule",
            settings={"elementSelector": "input"},
            page={"html": "<input>", "then": "document.querySelector('input').focus();"},
            result=1,
        )
    ],
    "blur": [
        _Example(
            title="Leaving an input starts the rule",
            settings={"elementSelector": "input"},
            page={
                "html": "<input>",
                "then": "const input = document.querySelector('input'); input.focus(); input.blur();",
            },
            result=1,
        )
    ],
    "history-change": [
        _Example(
            title="Two addresses at once count as one change",
            settings={},
            page={"then": "history.pushState({}, '', '?page=2'); history.replaceState({}, '', '?page=3');"},
            result=1,
        )
    ],
    "custom-event": [
        _Example(
            title="The page says that an order is complete",
            settings={"type": "order:complete"},
            page={"then": "window.dispatchEvent(new CustomEvent('order:complete', {detail: {value: 99}}));"},
            result=1,
        )
    ],
    "data-element-change": [
        _Example(
            title="Another cart total starts the rule, the first one does not",
            settings={"name": "Cart Total"},
            page={"then": "window.given['Cart Total'] = 20;"},
            data_elements={"Cart Total": 10},
            result=1,
        )
    ],
    "direct-call": [
        _Example(
            title="The page calls the rule by its identifier",
            settings={"identifier": "order complete"},
            page={
                "then": "_satellite.track('order complete', {value: 99}); _satellite.track('another one');"
            },
            result=1,
        )
    ],
    "element-exists": [
        _Example(
            title="An element that is added later starts the rule once",
            settings={"elementSelector": ".order-number"},
            page={
                "then": "document.body.insertAdjacentHTML('beforeend', '<p class=\"order-number\">7</p>');"
            },
            result=1,
        )
    ],
    "enters-viewport": [
        _Example(
            title="Scrolling to an element starts the rule",
            settings={"elementSelector": "footer"},
            page={
                "html": '<div style="height: 5000px"></div><footer>End</footer>',
                "then": "document.querySelector('footer').scrollIntoView();",
            },
            result=1,
        )
    ],
    "time-on-page": [_Example(title="The rule starts after a second", settings={"timeOnPage": 1}, result=1)],
    "custom-code": [
        _Example(
            title="The code decides when the rule starts",
            settings={"source": "trigger(); trigger({detail: 'again'});"},
            result=2,
        )
    ],
}

CONDITIONS: Mapping[str, Sequence[Example]] = {
    "value-comparison": [
        _Example(
            title="A number in text is compared as a number",
            settings={
                "leftOperand": "%Cart Total%",
                "comparison": {"operator": "greaterThan"},
                "rightOperand": "100",
            },
            data_elements={"Cart Total": "129.90"},
            result=True,
        ),
        _Example(
            title="A missing value is falsy",
            settings={"leftOperand": "%Coupon%", "comparison": {"operator": "isFalsy"}},
            data_elements={"Coupon": None},
            result=True,
        ),
        _Example(
            title="Letter case does not count",
            settings={
                "leftOperand": "%Group%",
                "comparison": {"operator": "equals", "caseInsensitive": True},
                "rightOperand": "VIP",
            },
            data_elements={"Group": "vip"},
            result=True,
        ),
    ],
    "custom-code": [
        _Example(
            title="The code decides",
            settings={"source": "return new Date(2026, 0, 1) < new Date(2027, 0, 1);"},
            result=True,
        )
    ],
    "cookie": [
        _Example(
            title="A member is known by a cookie",
            settings={"name": "customer_group", "cookieValues": [{"value": "member"}, {"value": "vip"}]},
            page={"before": "document.cookie = 'customer_group=vip';"},
            result=True,
        )
    ],
    "path": [
        _Example(
            title="The page is part of the checkout",
            settings={"paths": [{"value": "/cart"}, {"value": "^/checkout(/|$)", "valueIsRegex": True}]},
            page={"url": "/Checkout/payment?step=2"},
            result=True,
        ),
        _Example(
            title="A text must be the whole path",
            settings={"paths": [{"value": "/cart"}]},
            page={"url": "/cart/empty"},
            result=False,
        ),
    ],
    "query-string-parameter": [
        _Example(
            title="The visitor comes from the campaign",
            settings={"name": "campaign", "queryParams": [{"value": "summer sale"}]},
            page={"url": "/?campaign=summer+sale"},
            result=True,
        )
    ],
    "domain": [
        _Example(
            title="A part of a name is not a domain",
            settings={"domains": ["host", "hop.example"]},
            result=False,
        )
    ],
    "sampling": [
        _Example(title="All visits are in the sample", settings={"rate": 1}, result=True),
        _Example(
            title="No visit is in the sample", settings={"rate": 0, "persistCohort": True}, result=False
        ),
    ],
}

DATA_ELEMENTS: Mapping[str, Sequence[Example]] = {
    "javascript-variable": [
        _Example(
            title="A value of the data layer",
            settings={"path": "window.dataLayer.cart.contents[0].id"},
            page={"before": "window.dataLayer = {cart: {contents: [{id: 'A-1', quantity: 2}]}};"},
            result="A-1",
        ),
        _Example(
            title="A path that leads nowhere gives nothing",
            settings={"path": "dataLayer.cart.value"},
            result=None,
        ),
    ],
    "page-info": [
        _Example(
            title="The path of the page",
            settings={"attribute": "pathname"},
            page={"url": "/shoes?size=42"},
            result="/shoes",
        )
    ],
    "query-string-parameter": [
        _Example(
            title="Letter case of the name does not count",
            settings={"name": "campaign", "caseInsensitive": True},
            page={"url": "/?Campaign=summer%20sale&campaign=other"},
            result="summer sale",
        )
    ],
    "dom-attribute": [
        _Example(
            title="The number of an article on the page",
            settings={"elementSelector": "#product", "elementProperty": "data-sku"},
            page={"html": '<h1 id="product" data-sku="A-1">Shoe</h1>'},
            result="A-1",
        ),
        _Example(
            title="The text of an element",
            settings={"elementSelector": "#product", "elementProperty": "text"},
            page={"html": '<h1 id="product">Shoe</h1>'},
            result="Shoe",
        ),
    ],
    "cookie": [
        _Example(
            title="A cookie is decoded",
            settings={"name": "city"},
            page={"before": "document.cookie = 'city=K%C3%B6ln';"},
            result="Köln",
        )
    ],
    "local-storage": [
        _Example(
            title="A stored text",
            settings={"name": "cart"},
            page={"before": "localStorage.setItem('cart', '3');"},
            result="3",
        )
    ],
    "session-storage": [
        _Example(
            title="A text that is stored for the tab",
            settings={"name": "step"},
            page={"before": "sessionStorage.setItem('step', 'payment');"},
            result="payment",
        )
    ],
    "conditional-value": [
        _Example(
            title="The other value keeps its type",
            settings={
                "leftOperand": "%Total%",
                "comparison": {"operator": "greaterThan"},
                "rightOperand": "100",
                "conditionalValue": "large",
                "fallbackValue": "%Total%",
            },
            data_elements={"Total": 99.5},
            result=99.5,
        )
    ],
    "merged-objects": [
        _Example(
            title="Objects are merged deeply, the later value wins, lists are joined",
            settings={"objects": ["%Defaults%", "%Order%"]},
            data_elements={
                "Defaults": {"currency": "EUR", "shop": {"country": "de"}, "tags": ["web"]},
                "Order": {"value": 0, "shop": {"city": "Kiel"}, "currency": "CHF", "tags": ["new"]},
            },
            result={
                "currency": "CHF",
                "shop": {"country": "de", "city": "Kiel"},
                "tags": ["web", "new"],
                "value": 0,
            },
        )
    ],
    "constant": [
        _Example(
            title="An object can hold data elements in its values",
            settings={"value": {"currency": "EUR", "value": "%Order Total%"}},
            data_elements={"Order Total": 129.9},
            result={"currency": "EUR", "value": 129.9},
        )
    ],
    "random-number": [
        _Example(title="The only number in its range", settings={"min": 7, "max": 7}, result=7)
    ],
    "custom-code": [
        _Example(
            title="The code computes a value from the page",
            settings={"source": "return document.querySelectorAll('li').length; // rows of the cart"},
            page={"html": "<ul><li>Shoe</li><li>Sock</li></ul>"},
            result=2,
        )
    ],
}

ACTIONS: Mapping[str, Sequence[Example]] = {
    "custom-code": [
        _Example(
            title="The code knows the element and the event",
            settings={"source": "window.found = [this === target, event.$type, event.$rule.name];"},
            page={"shows": "window.found"},
            result=[True, "core.custom-event", "Rule 1"],
        )
    ],
    "trigger-direct-call": [
        _Example(
            title="The rows become the detail of the call",
            settings={
                "identifier": "order complete",
                "detail": {"eventObjectEntries": [{"key": "value", "value": "%Order Total%"}]},
            },
            page={
                "before": "window.calls = [];",
                "then": "_satellite.track = (...given) => window.calls.push(given);",
                "shows": "window.calls",
            },
            data_elements={"Order Total": 99},
            result=[["order complete", {"value": 99}]],
        )
    ],
}
