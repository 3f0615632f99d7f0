"""Worked examples: each is a test, and each shows somebody how the action is used."""

from __future__ import annotations

from properties.catalog.examples import Example

CONFIGURATION = {"accountId": "A-1", "accessToken": "[[secret]]"}

EXAMPLES = (
    Example(
        title="A purchase of a customer whose e-mail address and phone number are known",
        settings={
            "eventName": "purchase",
            "eventId": "{{Order ID}}",
            "value": "{{Total}}",
            "currency": "EUR",
            "email": "{{Email}}",
            "phone": "{{Phone}}",
            "visitorId": "{{Visitor ID}}",
        },
        data_elements={
            "Order ID": "order-1",
            "Total": "99.95",
            "Email": " Jane@Example.com ",
            "Phone": "+44 (0)7911 123456",
            "Visitor ID": "v-42",
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "purchase",
                "event_id": "order-1",
                "event_time": 1_700_000_000,
                "value": 99.95,
                "currency": "EUR",
                "user": {
                    # The hash of jane@example.com.
                    "email_sha256": "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d",
                    # The hash of +447911123456.
                    "phone_sha256": "20b18ac9de7b3aad174961827d8e451c410af9aedfd1d699927f4b29b81aa1fa",
                    "visitor_id": "v-42",
                },
            }
        ],
        source="https://docs.acme.example/conversions#event",
    ),
    Example(
        title="A value that Acme would not take is left out with a warning",
        settings={"eventName": "purchase", "eventId": "order-2", "value": "about 5", "visitorId": "v-42"},
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "purchase",
                "event_id": "order-2",
                "event_time": 1_700_000_000,
                "user": {"visitor_id": "v-42"},
            }
        ],
        warnings=("not_a_number",),
        source="https://docs.acme.example/conversions#parameters",
    ),
)
