"""Removes an optional field that the vendor refused, so that the event is sent without it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from properties.catalog.outbound import Outcome

from .in_flight import InFlight

logger = logging.getLogger(__name__)
LEFT_OUT = "left_out"


def lighten(flight: InFlight, outcome: Outcome) -> bool:
    """Remove the field for which a delivery was refused. It happens once, and never to a required field.

    Returns:
        Whether the flight changed and can be sent again.
    """
    if flight.is_lighter or flight.action is None or flight.action.without is None:
        return False
    try:
        lighter = flight.action.without(flight.payload, outcome)
    except Exception as error:
        # A bug of a package: the delivery stays refused.
        logger.exception("Leaving out a field ended with %s", type(error).__name__)
        return False
    if lighter is None:
        return False
    flight.payload, left_out = lighter
    flight.delivery.warnings = [*flight.delivery.warnings, asdict(replace(left_out, code=LEFT_OUT))]
    flight.is_lighter = True
    return True


def left_out(warnings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the labels of the fields that a delivery lost."""
    return [warning["label"] for warning in warnings if warning.get("code") == LEFT_OUT]
