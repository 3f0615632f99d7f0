"""Worked examples of the action, used as tests and documentation.

Hashes come from Meta's page Customer Information Parameters, if it has them.
"""

from __future__ import annotations

from properties.catalog.examples import Example

from .example_values import (
    BIRTH_DATE_HASH,
    CONFIGURATION,
    EMAIL_HASH,
    FEMALE_HASH,
    MARY_HASH,
    NEW_YORK_HASH,
    PHONE_HASH,
    UNITED_STATES_HASH,
    USER_AGENT,
    VALERY_HASH,
)
from .examples_by_source import EXAMPLES_BY_SOURCE

SERVER_EVENT = "Meta, Server Event Parameters"
STANDARD_EVENTS = "Meta, Standard Parameters: Purchase needs currency and value"
CUSTOMER = "Meta, Customer Information Parameters"

EXAMPLES = (
    Example(
        title="A purchase on a website with all that is known about the buyer",
        settings={
            "eventName": "Purchase",
            "eventTime": "{{Event Time}}",
            "actionSource": "website",
            "eventSourceUrl": "{{Page URL}}",
            "eventId": "{{Event ID}}",
            "clientIpAddress": "{{IP Address}}",
            "clientUserAgent": "{{User Agent}}",
            "email": "{{Email}}",
            "phone": "{{Phone}}",
            "firstName": "{{First Name}}",
            "lastName": "{{Last Name}}",
            "dob": "{{Birthday}}",
            "gender": "{{Gender}}",
            "city": "{{City}}",
            "country": "{{Country}}",
            "fbc": "{{fbc}}",
            "fbp": "{{fbp}}",
            "customData": {
                "value": "{{Total}}",
                "currency": "usd",
                "content_ids": "{{Product IDs}}",
                "content_type": "product",
                "order_id": "{{Order ID}}",
                "loyalty_points": 0,
            },
        },
        data_elements={
            "Event Time": 1_699_999_990,
            "Page URL": "https://shop.example/thanks?step=3",
            "Event ID": "order-1001",
            "IP Address": "2001:db8::1",
            "User Agent": USER_AGENT,
            "Email": " John_Smith@gmail.com ",
            "Phone": "1(650)555-1212",
            "First Name": "Mary",
            "Last Name": "Valéry",
            "Birthday": "2/16/1997",
            "Gender": "Female",
            "City": "New York",
            "Country": "United States",
            "fbc": "fb.1.1699990000000.AbCdEfGhIjKlMnOpQrStUvWxYz1234567890",
            "fbp": "fb.1.1596403881668.1116446470",
            "Total": "142.54",
            "Product IDs": ["ABC123", 789],
            "Order ID": 1001,
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Purchase",
                "event_time": 1_699_999_990,
                "action_source": "website",
                "event_source_url": "https://shop.example/thanks?step=3",
                "event_id": "order-1001",
                "user_data": {
                    "client_ip_address": "2001:db8::1",
                    "client_user_agent": USER_AGENT,
                    "em": EMAIL_HASH,
                    "ph": PHONE_HASH,
                    "fn": MARY_HASH,
                    "ln": VALERY_HASH,
                    "db": BIRTH_DATE_HASH,
                    "ge": FEMALE_HASH,
                    "ct": NEW_YORK_HASH,
                    "country": UNITED_STATES_HASH,
                    "fbc": "fb.1.1699990000000.AbCdEfGhIjKlMnOpQrStUvWxYz1234567890",
                    "fbp": "fb.1.1596403881668.1116446470",
                },
                "data_processing_options": [],
                "custom_data": {
                    "value": 142.54,
                    "currency": "USD",
                    "content_ids": ["ABC123", "789"],
                    "content_type": "product",
                    "order_id": "1001",
                    "loyalty_points": 0,
                },
            }
        ],
        source=CUSTOMER,
    ),
    Example(
        title="A page view with only the required parameters",
        settings={
            "eventName": "PageView",
            "actionSource": "website",
            "eventSourceUrl": "https://shop.example/",
            "eventId": "e-1",
            "clientIpAddress": "192.0.2.7",
            "clientUserAgent": USER_AGENT,
            "fbp": "fb.1.1596403881668.1116446470",
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "PageView",
                "event_time": 1_700_000_000,
                "action_source": "website",
                "event_source_url": "https://shop.example/",
                "event_id": "e-1",
                "user_data": {
                    "client_ip_address": "192.0.2.7",
                    "client_user_agent": USER_AGENT,
                    "fbp": "fb.1.1596403881668.1116446470",
                },
                "data_processing_options": [],
            }
        ],
        source="Meta, Using the API",
    ),
    Example(
        title="A lead from an email, with a value that is already hashed",
        settings={
            "eventName": "Lead",
            "eventTime": "2023-11-14T22:13:10Z",
            "actionSource": "email",
            "eventId": "lead-7",
            "email": EMAIL_HASH.upper(),
            "optOut": "true",
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Lead",
                "event_time": 1_699_999_990,
                "action_source": "email",
                "event_id": "lead-7",
                "opt_out": True,
                "user_data": {"em": EMAIL_HASH},
                "data_processing_options": [],
            }
        ],
        source=SERVER_EVENT,
    ),
    Example(
        title="A purchase in a store, reported thirty days later",
        settings={
            "eventName": "Purchase",
            "eventTime": 1_697_408_000,
            "actionSource": "physical_store",
            "eventId": "receipt-55",
            "phone": "{{Phone numbers}}",
            "storeData": {"store_code": "NY-5"},
            "customData": '{"currency": "EUR", "value": 0, "contents": [{"id": 4, "quantity": 2}]}',
        },
        data_elements={"Phone numbers": ["+1 (650) 555-1212"]},
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Purchase",
                "event_time": 1_697_408_000,
                "action_source": "physical_store",
                "event_id": "receipt-55",
                "store_data": {"store_code": "NY-5"},
                "user_data": {"ph": [PHONE_HASH]},
                "data_processing_options": [],
                "custom_data": {"value": 0, "currency": "EUR", "contents": [{"id": "4", "quantity": 2}]},
            }
        ],
        source="Meta, Conversions API for Offline Events",
    ),
    Example(
        title="Limited Data Use for a person in California",
        settings={
            "eventName": "ViewContent",
            "actionSource": "website",
            "eventSourceUrl": "https://shop.example/shoes",
            "eventId": "e-2",
            "lduEnabled": True,
            "dataProcessingOptionsCountry": "1",
            "dataProcessingOptionsState": "1000",
            "clientUserAgent": USER_AGENT,
            "fbp": "fb.1.1596403881668.1116446470",
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "ViewContent",
                "event_time": 1_700_000_000,
                "action_source": "website",
                "event_source_url": "https://shop.example/shoes",
                "event_id": "e-2",
                "user_data": {"client_user_agent": USER_AGENT, "fbp": "fb.1.1596403881668.1116446470"},
                "data_processing_options": ["LDU"],
                "data_processing_options_country": 1,
                "data_processing_options_state": 1000,
            }
        ],
        source="Meta, Data Processing Options for US Users",
    ),
    Example(
        title="A test event; unusable values are left out and named",
        settings={
            "eventName": "Contact",
            "actionSource": "chat",
            "email": "john_smith@gmail.com",
            "gender": "unknown",
            "isTestEvent": True,
            "testEventCode": "TEST12345",
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Contact",
                "event_time": 1_700_000_000,
                "action_source": "chat",
                "event_id": "1",
                "user_data": {"em": EMAIL_HASH},
                "data_processing_options": [],
            }
        ],
        source="Meta, Using the API: Test Events",
        warnings=("own_event_id", "no_gender"),
    ),
    Example(
        title="Values as sites, headers and spreadsheets write them",
        settings={
            "eventName": "Purchase",
            "eventTime": "{{Event Time}}",
            "actionSource": "website",
            "eventId": "order-1001",
            "eventSourceUrl": "{{Page URL}}",
            "clientIpAddress": "{{IP Address}}",
            "clientUserAgent": "{{User Agent}}",
            "email": "{{Email}}",
            "externalId": "{{Customer ID}}",
            "country": "{{Country}}",
            "customData": {
                "value": "{{Total}}",
                "currency": "USD",
                "content_ids": "{{Product IDs}}",
                "content_type": "{{Content Type}}",
            },
        },
        data_elements={
            "Event Time": "Tue, 14 Nov 2023 22:13:10 GMT",
            "Page URL": "https://shop.example/?a=1&email=john%40shop.example",
            "IP Address": "203.0.113.7:52713, 70.41.3.18",
            "User Agent": ["Mozilla/5.0"],
            "Email": "<John_Smith@gmail.com>",
            "Customer ID": "undefined",
            "Country": "United States of America (the)",
            "Total": "1.2E+3",
            "Product IDs": "123, 456",
            "Content Type": ["product"],
        },
        extension_settings=CONFIGURATION | {"removeParameters": ["email"]},
        result=[
            {
                "event_name": "Purchase",
                "event_time": 1_699_999_990,
                "action_source": "website",
                "event_source_url": "https://shop.example/?a=1",
                "event_id": "order-1001",
                "user_data": {
                    "client_ip_address": "203.0.113.7",
                    "client_user_agent": "Mozilla/5.0",
                    "em": EMAIL_HASH,
                    "country": UNITED_STATES_HASH,
                },
                "data_processing_options": [],
                "custom_data": {
                    "value": 1200,
                    "currency": "USD",
                    "content_ids": ["123", "456"],
                    "content_type": "product",
                },
            }
        ],
        source=CUSTOMER,
        warnings=("cleaned", "no_value"),
    ),
    *EXAMPLES_BY_SOURCE,
)
