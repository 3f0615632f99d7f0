"""The standard events and their parameters, and a starting point for each.

Source: Meta, Pixel Reference; adobe/reactor-extension-facebook-pixel, extension.json: what its forms offer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from properties.catalog.descriptor import Field, Preset

_PURCHASE = ("content_ids", "content_name", "content_type", "contents", "currency", "num_items", "value")
_PRODUCT = ("content_ids", "content_name", "content_type", "contents", "currency", "value")

# Name → when it happens, and its parameters.
STANDARD_EVENTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "PageView": ("Any page is viewed.", ()),
    "ViewContent": ("A product page or another important page is viewed.", (*_PRODUCT, "content_category")),
    "Search": (
        "Somebody searches the site.",
        ("content_category", "content_ids", "contents", "currency", "search_string", "value"),
    ),
    "AddToCart": ("A product is added to the cart.", _PRODUCT),
    "AddToWishlist": (
        "A product is added to a wish list.",
        ("content_name", "content_category", "content_ids", "contents", "currency", "value"),
    ),
    "InitiateCheckout": (
        "Somebody starts the checkout.",
        ("content_category", "content_ids", "contents", "currency", "num_items", "value"),
    ),
    "AddPaymentInfo": (
        "Payment details are added.",
        ("content_category", "content_ids", "contents", "currency", "value"),
    ),
    "Purchase": ("An order is complete.", _PURCHASE),
    "Lead": ("Somebody leaves contact data.", ("content_name", "content_category", "currency", "value")),
    "CompleteRegistration": (
        "A registration form is completed.",
        ("content_name", "currency", "status", "value"),
    ),
    "StartTrial": ("A free trial begins.", ("currency", "predicted_ltv", "value")),
    "Subscribe": ("A paid subscription begins.", ("currency", "predicted_ltv", "value")),
    "Contact": ("Somebody calls, writes or chats.", ()),
    "CustomizeProduct": ("A product is customised.", ()),
    "Donate": ("A donation is made.", ()),
    "FindLocation": ("Somebody looks for a store.", ()),
    "Schedule": ("An appointment is booked.", ()),
    "SubmitApplication": ("An application is submitted.", ()),
}

PARAMETERS = (
    Field("value", "Value", type="number", placeholder="129.90", help="Needed for Purchase."),
    Field(
        "currency", "Currency", placeholder="EUR", help="Needed for Purchase and wherever there is a value."
    ),
    Field("content_ids", "Content IDs", type="list", placeholder="A-1, B-2", help="IDs of the catalog."),
    Field(
        "contents",
        "Contents",
        type="json",
        placeholder='[{"id": "A-1", "quantity": 2}]',
        help="A list of objects with id and quantity.",
    ),
    Field(
        "content_type",
        "Content Type",
        type="combo",
        options=(("product", "product"), ("product_group", "product_group")),
    ),
    Field("content_name", "Content Name"),
    Field("content_category", "Content Category"),
    Field("num_items", "Number of Items", type="integer"),
    Field("search_string", "Search String"),
    Field("status", "Status", help="Of a registration."),
    Field("predicted_ltv", "Predicted Lifetime Value", type="number"),
)
KEYS = tuple(field.key for field in PARAMETERS)

_NAMES: Mapping[str, Sequence[str]] = {
    "eventId": ("event id", "metaconversion event id", "dedup id", "deduplication id"),
    "parameters.value": ("value", "order value", "order total", "total", "cart total", "revenue"),
    "parameters.currency": ("currency", "currency code", "order currency"),
    "parameters.content_ids": ("content ids", "product ids", "item ids", "skus"),
    "parameters.contents": ("contents", "items", "products", "line items", "cart items"),
    "parameters.content_type": ("content type",),
    "parameters.content_name": ("content name", "product name"),
    "parameters.content_category": ("content category", "product category"),
    "parameters.num_items": ("number of items", "num items", "item count", "cart quantity"),
    "parameters.search_string": ("search string", "search term", "search query"),
    "parameters.status": ("registration status",),
    "parameters.predicted_ltv": ("predicted ltv", "predicted lifetime value", "lifetime value"),
}


def _preset(name: str) -> Preset:
    description, keys = STANDARD_EVENTS[name]
    asked = ("eventId", *(f"parameters.{key}" for key in keys))
    money = ("parameters.value", "parameters.currency") if name == "Purchase" else ()
    return Preset(
        name.lower(), name, description, {"eventName": name}, {key: _NAMES[key] for key in asked}, money
    )


PRESETS = tuple(map(_preset, STANDARD_EVENTS))
