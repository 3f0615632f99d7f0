"""Worked examples of Core, which serve as tests and as documentation."""

from functools import partial

from properties.catalog.examples import Example

from .sources import SERVER_CORE

_Example = partial(Example, source=SERVER_CORE)

ORDER = {
    "xdm": {"eventType": "commerce.purchases", "environment": {"ipV4": "203.0.113.7"}},
    "data": {"order": {"id": "T-1000", "total": 0, "items": [{"sku": "A-1"}, {"sku": "B-2"}]}},
}

PATH = [
    _Example(
        title="A path reads a value from the event",
        settings={"path": "arc.event.data.order.id"},
        event=ORDER,
        result="T-1000",
    ),
    _Example(
        title="A position in brackets reads an item of a list",
        settings={"path": "arc.event.data.order.items[1].sku"},
        event=ORDER,
        result="B-2",
    ),
    _Example(
        title="A zero is a value, not a missing one",
        settings={"path": "arc.event.data.order.total"},
        event=ORDER,
        result=0,
    ),
    _Example(
        title="A path that leads nowhere returns nothing",
        settings={"path": "arc.event.data.nope[0]"},
        event=ORDER,
        result=None,
    ),
    _Example(
        title="A data element inside the path chooses the item",
        settings={"path": "arc.event.data.order.items[{{Position}}].sku"},
        event=ORDER,
        data_elements={"Position": 0},
        result="A-1",
    ),
]

CONSTANT = [
    _Example(title="A text is the same for every event", settings={"value": "EUR"}, result="EUR"),
    _Example(
        title="An object can hold data elements in its values",
        settings={"value": {"currency": "EUR", "value": "{{Order Total}}"}},
        data_elements={"Order Total": 129.9},
        result={"currency": "EUR", "value": 129.9},
    ),
]

IP = [
    _Example(title="The visitor's IPv4 address", settings={}, event=ORDER, result="203.0.113.7"),
    _Example(
        title="The IPv6 address if there is no IPv4 address",
        settings={},
        event={"xdm": {"environment": {"ipV6": "2001:db8::7"}}},
        result="2001:db8::7",
    ),
]

VALUE_COMPARISON = [
    _Example(
        title="The event is a purchase",
        settings={
            "leftOperand": "{{Event Name}}",
            "comparison": {"operator": "equals", "caseInsensitive": False},
            "rightOperand": "Purchase",
        },
        data_elements={"Event Name": "Purchase"},
        result=True,
    ),
    _Example(
        title="A number in text is compared as a number",
        settings={
            "leftOperand": "{{Order Total}}",
            "comparison": {"operator": "greaterThan"},
            "rightOperand": "100",
        },
        data_elements={"Order Total": "129.90"},
        result=True,
    ),
    _Example(
        title="The page is part of the checkout, however it is written",
        settings={
            "leftOperand": "{{Page Path}}",
            "comparison": {"operator": "matchesRegex", "caseInsensitive": True},
            "rightOperand": "^/checkout(/|$)",
        },
        data_elements={"Page Path": "/Checkout/payment"},
        result=True,
    ),
    _Example(
        title="A missing value is not true",
        settings={"leftOperand": "{{Consent}}", "comparison": {"operator": "isTrue"}},
        data_elements={"Consent": None},
        result=False,
    ),
]
