"""Asks the vendor whether it accepts the answers, before anything is made from them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Inquiry
from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import InquiryResult
from properties.catalog.registry import packages
from properties.catalog.secret_markers import RunMarkers
from properties.http.transport import Secrets, run_inquiry

from .planning import Order


def inquiry_of(package_name: str) -> Inquiry | None:
    """Return the connection test of a package, if it has one."""
    configuration = packages()[package_name].configuration
    return configuration.inquiry if configuration else None


def try_answers(order: Order, asked: Mapping[str, Any]) -> InquiryResult | None:
    """Run the connection test with the answers.

    Args:
        asked: The person's input for the fields of the inquiry.

    Returns:
        None if the package has no connection test.
    """
    inquiry = inquiry_of(order.package)
    if inquiry is None:
        return None
    markers = RunMarkers()
    hidden = {field.key for field in order.recipe.fields if field.type == "secret"}
    given = {
        key: markers(key) if key in hidden else value
        for key, value in order.recipe.settings(order.answers).items()
    }
    secrets = Secrets(markers.names, lambda name: order.answers[name])
    try:
        return run_inquiry(inquiry.ask(given, asked, _context()), secrets=secrets)
    except Misconfigured as error:
        return InquiryResult("problem", "Not complete", error.message, code=error.code)


def _context() -> EventContext:
    return EventContext(
        arc={"event": {"xdm": {}, "data": {}}, "request": {"header": {}}, "ruleStash": {}},
        inbound_event_id=uuid.uuid4().hex,
        received_at=time.time(),
        installation=settings.INSTALLATION,
    )
