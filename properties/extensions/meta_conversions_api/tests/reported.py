"""Publicly reported inputs, as seeds of random events: key of the setting, value.

``test_what_people_send.py`` has the expected result of each; random tests vary them.
"""

from __future__ import annotations

from typing import Any

CLICK = "IwAR0aB3cD_9-xYzQwErTy"
NOTHING = (
    *("undefined", "null", "NaN", "(not set)", "[object Object]", "undefined undefined", "Null", "N/A"),
    *("00000000-0000-0000-0000-000000000000", "0" * 32),
)
VALUES: tuple[tuple[str, Any], ...] = (
    ("clientIpAddress", "203.0.113.7.AQQAAQMC"),
    ("clientIpAddress", "203.0.113.7, 70.41.3.18"),
    ("clientIpAddress", "203.0.113.7:52713"),
    ("clientIpAddress", "[2001:db8::7]:443"),
    ("clientIpAddress", 'for="[2001:db8::7]:4711";proto=https'),
    ("clientUserAgent", ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8"]),
    ("eventSourceUrl", f"https://shop.example/?fbclid={CLICK}.AQQCAQMC"),
    ("eventSourceUrl", f"https://shop.example/?fbclid={CLICK.lower()}"),
    ("eventSourceUrl", "https://shop.example/?email=a%40b.example&first_name=John"),
    ("eventSourceUrl", "https://<your-domain.com>"),
    ("referrerUrl", "https://undefined/"),
    ("fbc", f"fb.1.1699990000000.{CLICK}"),
    ("fbc", f"fb.1.1699990000000.{CLICK.lower()}"),
    ("eventTime", "Thu, 19 Nov 2026 20:33:00 GMT"),
    ("eventTime", "Tue, 14 Nov 2023 22:13:10 GMT"),
    ("eventTime", "1795120000000000"),
    ("eventTime", 1_699_999_990_000_000),
    ("originalEventData", {"event_time": "Tue, 14 Nov 2023 22:13:10 GMT"}),
    ("email", "mailto:a@b.example"),
    ("email", "a@b.example;"),
    ("email", "<a@b.example>"),
    ("phone", "4.47946095E+11"),
    ("phone", "+1 650 555 1212 ext. 77"),
    ("zip", "2138"),
    ("zip", "94025.0"),
    ("state", "US-CA"),
    ("country", "Korea Republic of"),
    ("country", "Virgin Islands US"),
    ("country", "Congo"),
    ("customData", {"content_ids": "123, 456", "value": [35.99], "content_type": ["product"]}),
    ("customData", {"content_ids": "[SKU-1,SKU-2]", "status": True, "success": False}),
    ("customData", {"value": "1.2E+3", "currency": "EUR"}),
    ("customData", {"own": {"buyer": {"mail": "a@b.example", "x": "undefined"}}}),
    ("customData", {"contents": [{"id": "A"}, {"id": "undefined", "quantity": 1}]}),
    *(("externalId", text) for text in NOTHING),
)
TEXTS = tuple(value for _, value in VALUES if isinstance(value, str))
