"""Losing one field instead of the event: what the vendor refuses for an optional field is sent without it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from properties.catalog.outbound import Outcome

from .in_flight import Parcel

logger = logging.getLogger(__name__)
LEFT_OUT = "left_out"


def lighten(parcel: Parcel, outcome: Outcome) -> bool:
    """Take the field out for which a parcel was refused; once, and never one that the vendor requires.

    Returns:
        Whether the parcel is another one now and can be sent again.
    """
    if parcel.is_lighter or parcel.action is None or parcel.action.without is None:
        return False
    try:
        lighter = parcel.action.without(parcel.payload, outcome)
    except Exception as error:
        # A bug of a package: the refusal stands.
        logger.exception("Leaving out a field ended with %s", type(error).__name__)
        return False
    if lighter is None:
        return False
    parcel.payload, left_out = lighter
    parcel.delivery.warnings = [*parcel.delivery.warnings, asdict(replace(left_out, code=LEFT_OUT))]
    parcel.is_lighter = True
    return True


def left_out(warnings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Labels of the fields that a delivery lost."""
    return [warning["label"] for warning in warnings if warning.get("code") == LEFT_OUT]
