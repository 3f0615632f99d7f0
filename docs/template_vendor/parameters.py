"""Acme's parameters as one table. The form and the payload read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from properties.catalog.customer_data.cleaning import Normalizer
from properties.catalog.customer_data.emails import email
from properties.catalog.customer_data.hashing import Hashed
from properties.catalog.customer_data.phones import phone_with_plus
from properties.catalog.customer_data.values import amount, currency, integer, text
from properties.catalog.descriptor import Field, Section

PAGE = "https://docs.acme.example/conversions"
SECTIONS = (
    Section("event", "Event", "What happened."),
    Section("user", "Customer", "Who did it. Give plain values: they are normalised and hashed here."),
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table.

    Args:
        key: Key in the settings; it never changes.
        label: As the form calls it.
        name: Acme's name.
        section: Where the form shows it and the payload holds it.
        normalize: Brings a value to Acme's form.
        required: Acme refuses an event without it.
        help: One sentence for a marketer.
    """

    key: str
    label: str
    name: str
    section: Literal["event", "user"]
    normalize: Normalizer
    required: bool = False
    help: str = ""

    def field(self) -> Field:
        """Its input in the form."""
        is_hashed = isinstance(self.normalize, Hashed)
        return Field(
            self.key,
            self.label,
            section=self.section,
            required=self.required,
            help=self.help,
            hashed=is_hashed,
            lists=is_hashed,
            url=PAGE,
        )


# Source: https://docs.acme.example/conversions#parameters
PARAMETERS = (
    Parameter("eventName", "Event Name", "event_name", "event", text, required=True),
    Parameter(
        "eventId", "Event ID", "event_id", "event", text, required=True, help="Acme counts an ID only once."
    ),
    Parameter(
        "eventTime", "Event Time", "event_time", "event", integer, help="Unix seconds. Empty means now."
    ),
    Parameter("value", "Value", "value", "event", amount),
    Parameter("currency", "Currency", "currency", "event", currency),
    Parameter("email", "Email", "email_sha256", "user", Hashed(email)),
    Parameter("phone", "Phone", "phone_sha256", "user", Hashed(phone_with_plus)),
    Parameter("visitorId", "Visitor ID", "visitor_id", "user", text, help="The cookie _acme_id."),
    Parameter("clickId", "Click ID", "click_id", "user", text, help="The cookie _acme_click."),
)
