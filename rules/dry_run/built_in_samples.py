"""Events of an example shop, for dry runs before the first real event arrives."""

from __future__ import annotations

from typing import Any

from properties.http.curl import EXAMPLE_BROWSER

_VISITOR = {
    "email": "mary@shop.example",
    "phone": "+1 650 555 1212",
    "first_name": "Mary",
    "last_name": "Smith",
    "city": "Menlo Park",
    "state": "CA",
    "zip": "94025",
    "country": "us",
    "id": "customer-17",
}
_CART = {
    "value": 99.0,
    "currency": "USD",
    "contents": [{"id": "sku-1", "quantity": 2, "item_price": 49.5}],
    "content_ids": ["sku-1"],
    "content_type": "product",
    "num_items": 2,
}


def _event(event_type: str, path: str, data: dict[str, Any]) -> dict[str, Any]:
    xdm = {
        "eventType": event_type,
        "web": {
            "webPageDetails": {"URL": f"https://shop.example{path}", "name": "Shop"},
            "webReferrer": {"URL": "https://news.example/"},
        },
        "environment": {"ipV4": "203.0.113.7", "browserDetails": {"userAgent": EXAMPLE_BROWSER}},
    }
    return {"xdm": xdm, "data": data}


BUILT_IN: dict[str, tuple[str, dict[str, Any]]] = {
    "purchase": (
        "Purchase",
        _event(
            "commerce.purchases",
            "/thank-you",
            {
                "event": "Purchase",
                "event_id": "sample-order-1001",
                "order_id": "1001",
                **_CART,
                "user": _VISITOR,
            },
        ),
    ),
    "add-to-cart": (
        "Add to cart",
        _event(
            "commerce.productListAdds",
            "/p/sku-1",
            {"event": "AddToCart", "event_id": "sample-cart-1", **_CART, "user": _VISITOR},
        ),
    ),
    "lead": (
        "Lead",
        _event(
            "web.formFilledOut",
            "/newsletter",
            {
                "event": "Lead",
                "event_id": "sample-lead-1",
                "value": 5,
                "currency": "EUR",
                "user": {"email": "john_smith@gmail.com"},
            },
        ),
    ),
    "page-view": (
        "Page view",
        _event("web.webpagedetails.pageViews", "/", {"event": "PageView", "event_id": "sample-page-1"}),
    ),
}
