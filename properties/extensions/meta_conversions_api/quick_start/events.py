"""The events that a site gets rules for, and the data that each takes from the page's data layer.

Source: Meta, Pixel Reference, standard events; adobe/reactor-extension-facebook-pixel, extension.json: the
parameters that its forms offer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_CART = ("content_category", "content_ids", "contents", "currency")
_PRODUCT = ("content_ids", "content_name", "content_type", "contents", "currency")
_TRIAL = ("currency", "predicted_ltv", "value")

# Event → its parameters, which the Pixel and the server send alike.
EVENTS: Mapping[str, Sequence[str]] = {
    "PageView": (),
    "ViewContent": (*_PRODUCT, "content_category", "value"),
    "Search": (*_CART, "search_string", "value"),
    "AddToCart": (*_PRODUCT, "value"),
    "AddToWishlist": ("content_name", *_CART, "value"),
    "InitiateCheckout": (*_CART, "num_items", "value"),
    "AddPaymentInfo": (*_CART, "value"),
    "Purchase": (*_PRODUCT, "num_items", "value"),
    "Lead": ("content_name", "content_category", "currency", "value"),
    "CompleteRegistration": ("content_name", "currency", "status", "value"),
    "StartTrial": _TRIAL,
    "Subscribe": _TRIAL,
    "Contact": (),
    "CustomizeProduct": (),
    "Donate": (),
    "FindLocation": (),
    "Schedule": (),
    "SubmitApplication": (),
}
# The Pixel does not take these.
FOR_THE_SERVER: Mapping[str, Sequence[str]] = {"Purchase": ("order_id",)}
KEYS = tuple(dict.fromkeys(key for table in (EVENTS, FOR_THE_SERVER) for it in table.values() for key in it))
USER = ("email", "phone", "first_name", "last_name", "city", "state", "zip", "country", "external_id")
