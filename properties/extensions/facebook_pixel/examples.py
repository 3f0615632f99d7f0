"""Worked examples. The result of an action is what waits in the Pixel's queue, which needs no vendor."""

from __future__ import annotations

from properties.catalog.examples import Example

from .pages import CONSENT, DEDUPLICATION, REFERENCE

_QUEUE = "window.fbq ? [...window.fbq.queue].map((command) => [...command]) : null"
_PIXEL = {"pixelId": "1234567890"}
_SET_UP = [["set", "autoConfig", False, "1234567890"], ["init", "1234567890", {}, {"agent": "capi_admin"}]]
# Meta's file never comes: the queue keeps what it would read.
_ALONE = "HTMLHeadElement.prototype.appendChild = () => {};"

SEND_PIXEL_EVENT = [
    Example(
        title="A standard event goes to this pixel alone, without empty parameters",
        settings={
            "eventName": "AddToCart",
            "eventId": "%Event ID%",
            "parameters": {
                "value": "%Value%",
                "currency": "EUR",
                "content_ids": "%IDs%",
                "content_name": "%Name%",
            },
        },
        data_elements={"Event ID": "e-1", "Value": 0, "IDs": ["A-1"], "Name": None},
        extension_settings=_PIXEL,
        page={"before": _ALONE, "shows": _QUEUE},
        result=[
            *_SET_UP,
            [
                "trackSingle",
                "1234567890",
                "AddToCart",
                {"value": 0, "currency": "EUR", "content_ids": ["A-1"]},
                {"eventID": "e-1"},
            ],
        ],
        source=REFERENCE,
    ),
    Example(
        title="An event of your own has no standard name",
        settings={"eventName": "SizeChosen", "parameters": {"size": "42"}},
        extension_settings={**_PIXEL, "autoConfig": True},
        page={"before": _ALONE, "shows": _QUEUE},
        result=[
            ["set", "autoConfig", True, "1234567890"],
            _SET_UP[1],
            ["trackSingleCustom", "1234567890", "SizeChosen", {"size": "42"}],
        ],
        source=REFERENCE,
    ),
]
GENERATE_EVENT_ID = [
    Example(
        title="The ID stands in the data layer, beside what the page has written there",
        settings={"dataLayerPath": "window.shopData.conversion"},
        extension_settings=_PIXEL,
        page={
            "before": "window.shopData = {conversion: {value: 99, conversionData: {step: 2}}};",
            "shows": (
                "({...shopData.conversion, conversionData: {...shopData.conversion.conversionData, eventId:"
                " /^[0-9a-f-]{36}$/.test(shopData.conversion.conversionData.eventId)}})"
            ),
        },
        result={"value": 99, "conversionData": {"step": 2, "eventId": True}},
        source=DEDUPLICATION,
    )
]
SET_CONSENT = [
    Example(
        title="The visitor refuses: the Pixel is never asked for",
        settings={"general": "out"},
        extension_settings={**_PIXEL, "defaultConsent": "pending"},
        page={"shows": _QUEUE},
        result=None,
        source=CONSENT,
    )
]
EVENT_ID = [
    Example(
        title="Outside of a rule that has made one, the data layer gives the ID",
        settings={},
        extension_settings=_PIXEL,
        page={"before": "window.dataLayer = []; dataLayer.meta = {conversionData: {eventId: 'e-7'}};"},
        result="e-7",
        source=DEDUPLICATION,
    )
]
