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


def drop_refused_field(flight: InFlight, outcome: Outcome) -> bool:
    """Remove the field for which a delivery was refused. It happens once, and never to a required field.

    Returns:
        Whether the flight changed and can be sent again.
    """
    if flight.lost_a_field or flight.action is None or flight.action.without is None:
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
    flight.delivery.warnings = [
        *flight.delivery.warnings,
        asdict(replace(left_out, code=LEFT_OUT, is_lost=True)),
    ]
    flight.lost_a_field = True
    return True


def left_out(warnings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the labels of the fields that a delivery lost."""
    return [warning["label"] for warning in warnings if warning.get("code") == LEFT_OUT]


def lost_fields(warnings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the labels of the fields that the vendor received empty: refused, dropped or never filled."""
    found = (it["label"] for it in warnings if is_lost(it))
    return list(dict.fromkeys(label for label in found if label))


def is_incomplete(warning: Mapping[str, Any]) -> bool:
    """Return whether a stored warning says that the vendor did not receive every value of its field."""
    return is_lost(warning) or bool(warning.get("is_cut"))


def is_lost(warning: Mapping[str, Any]) -> bool:
    """Return whether a stored warning says that the vendor received nothing in its field."""
    return bool(warning.get("is_lost") or warning.get("code") == LEFT_OUT)
