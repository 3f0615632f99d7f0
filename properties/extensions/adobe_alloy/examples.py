"""Worked examples. The site's own Web SDK is a function that keeps its commands: nothing is sent."""

from __future__ import annotations

from typing import Any

from properties.catalog.examples import Example

from .pages import SEND_EVENT, SET_CONSENT, XDM
from .pages import SEND_EVENT_COMPLETE as COMPLETE
from .pages import UPDATE_VARIABLE as UPDATE
from .pages import VARIABLE as VARIABLE_PAGE

_SITE: dict[str, Any] = {"libraryCode": {"type": "preinstalled"}, "name": "siteSdk"}
_KEEPS = (
    "window.commands = [];"
    "window.siteSdk = (...given) => { window.commands.push(given); return Promise.resolve({}); };"
)

SEND_EVENT_ACTION = [
    Example(
        title="Values are sent as they are now, missing ones are left out",
        settings={
            "type": "commerce.productListAdds",
            "data": {"event": "AddToCart", "value": "%Value%", "coupon": "%Coupon%"},
            "xdm": "%XDM%",
        },
        data_elements={"Value": 0, "Coupon": None, "XDM": {"web": {"webPageDetails": {"name": "Shoes"}}}},
        extension_settings=_SITE,
        page={"before": f"{_KEEPS} window.given.Coupon = undefined;", "shows": "window.commands"},
        result=[
            [
                "sendEvent",
                {
                    "type": "commerce.productListAdds",
                    "xdm": {"web": {"webPageDetails": {"name": "Shoes"}}},
                    "data": {"event": "AddToCart", "value": 0},
                },
            ]
        ],
        source=SEND_EVENT,
    )
]
SET_CONSENT_ACTION = [
    Example(
        title="The decision is stored, and announced on the page",
        settings={"consent": [{"standard": "Adobe", "version": "1.0", "value": {"general": "in"}}]},
        extension_settings=_SITE,
        page={
            "before": (
                f"{_KEEPS} window.heard = [];"
                "document.addEventListener('capi:consent', (event) => window.heard.push(event.detail));"
            ),
            "shows": "[window.commands, window.heard]",
        },
        result=[
            [
                [
                    "setConsent",
                    {"consent": [{"standard": "Adobe", "version": "1.0", "value": {"general": "in"}}]},
                ]
            ],
            [{"general": "in"}],
        ],
        source=SET_CONSENT,
    )
]
VARIABLE = [
    Example(
        title="Empty until an action fills it",
        settings={},
        extension_settings=_SITE,
        result={},
        source=VARIABLE_PAGE,
    )
]
SEND_EVENT_COMPLETE = [
    Example(
        title="An answer to an event starts the rule",
        settings={},
        actions=[("adobe-alloy::actions::send-event", {"type": "web.webpagedetails.pageViews"})],
        extension_settings=_SITE,
        page={"before": _KEEPS},
        result=1,
        source=COMPLETE,
    )
]
_UPDATE = "adobe-alloy::actions::update-variable"
_ORDER = {"commerce": {"order": {"priceTotal": 10, "currencyCode": "EUR"}}, "step": 1}
UPDATE_VARIABLE = [
    Example(
        title="Values are merged over those that are there",
        settings={
            "dataElementId": "%Order%",
            "data": {"commerce": {"order": {"priceTotal": "%Total%"}}},
            "customCode": "content.step += 1;",
        },
        data_elements={"Total": 99.5},
        elements={"Order": "adobe-alloy::dataElements::variable"},
        actions=[(_UPDATE, {"dataElementId": "%Order%", "data": _ORDER})],
        extension_settings=_SITE,
        page={"shows": "_satellite.getVar('Order')"},
        result={"commerce": {"order": {"priceTotal": 99.5, "currencyCode": "EUR"}}, "step": 2},
        source=UPDATE,
    ),
    Example(
        title="A part is cleared before new values come in",
        settings={
            "dataElementId": "%Order%",
            "transforms": {"commerce.order": {"clear": True}},
            "data": {"commerce": {"order": {"purchaseID": "o-1"}}},
        },
        elements={"Order": "adobe-alloy::dataElements::variable"},
        actions=[(_UPDATE, {"dataElementId": "%Order%", "data": _ORDER})],
        extension_settings=_SITE,
        page={"shows": "_satellite.getVar('Order')"},
        result={"commerce": {"order": {"purchaseID": "o-1"}}, "step": 1},
        source=UPDATE,
    ),
]
XDM_OBJECT = [
    Example(
        title="An object with the value of a data element",
        settings={"data": {"commerce": {"order": {"priceTotal": "%Total%", "currencyCode": "EUR"}}}},
        data_elements={"Total": 99.5},
        extension_settings=_SITE,
        result={"commerce": {"order": {"priceTotal": 99.5, "currencyCode": "EUR"}}},
        source=XDM,
    )
]
