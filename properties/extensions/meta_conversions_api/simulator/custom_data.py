"""Rules for custom data: money, items, and the parameters that Purchase needs."""

import re
from collections.abc import Mapping
from typing import Any

from .expectations import (
    INTEGER,
    NUMBER,
    STRING,
    STRINGS,
    Expectation,
    check_fields,
    check_required,
    first,
    is_text,
    one_of,
)
from .problems import GraphProblem

CURRENCY = re.compile(r"[A-Za-z]{3}\Z")
CUSTOMER_SEGMENTS = (
    "new_customer_to_business",
    "new_customer_to_business_line",
    "new_customer_to_product_area",
    "new_customer_to_medium",
    "existing_customer_to_business",
    "existing_customer_to_business_line",
    "existing_customer_to_product_area",
    "existing_customer_to_medium",
    "customer_in_loyalty_program",
)
SEGMENT = one_of(CUSTOMER_SEGMENTS)
DELIVERY = one_of(("in_store", "curbside", "home_delivery"))

FIELDS = {
    "currency": Expectation(
        lambda value: isinstance(value, str) and CURRENCY.match(value) is not None,
        "an ISO 4217 currency code of three letters",
    ),
    "value": NUMBER,
    "predicted_ltv": NUMBER,
    "net_revenue": NUMBER,
    "num_items": INTEGER,
    "content_ids": STRINGS,
    "content_type": STRING,
    "content_name": STRING,
    "content_category": STRING,
    "order_id": STRING,
    "search_string": STRING,
    "status": STRING,
    "item_number": STRING,
    "delivery_category": DELIVERY,
    "customer_segmentation": SEGMENT,
}
# Meta's table also asks for the quantity, but Meta accepts items without it.
ITEM_REQUIRED = {"id": STRING}
ITEM_FIELDS = {"quantity": NUMBER, "item_price": NUMBER, "delivery_category": DELIVERY}


def check_custom_data(event_name: str, custom_data: Mapping[str, Any]) -> GraphProblem | None:
    """Return the first problem for which Meta would refuse the custom_data of an event with this name.

    Source: Meta, Custom Data Parameters.
    """
    purchase = _check_purchase(custom_data) if event_name == "Purchase" else None
    return purchase or check_fields(custom_data, FIELDS) or _check_contents(custom_data)


def _check_purchase(custom_data: Mapping[str, Any]) -> GraphProblem | None:
    if not is_text(custom_data.get("currency")):
        return GraphProblem(("currency",), "Purchase events need a currency.", 2804010, "Missing Currency")
    if custom_data.get("value") in (None, ""):
        return GraphProblem(("value",), "Purchase events need a value.", 2804009, "Missing Value")
    return None


def _check_contents(custom_data: Mapping[str, Any]) -> GraphProblem | None:
    contents = custom_data.get("contents", [])
    if not isinstance(contents, list):
        return GraphProblem(("contents",), "must be a list of objects")
    return first(_check_item(item, index) for index, item in enumerate(contents))


def _check_item(item: object, index: int) -> GraphProblem | None:
    if not isinstance(item, dict):
        return GraphProblem(("contents", index), "must be an object")
    problem = check_required(item, ITEM_REQUIRED) or check_fields(item, ITEM_FIELDS)
    return problem.below("contents", index) if problem else None
