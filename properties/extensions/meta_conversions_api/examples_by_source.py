"""Worked examples for the action sources that ``examples`` does not show."""

from __future__ import annotations

from properties.catalog.examples import Example

from .example_values import (
    BIRTH_DATE_HASH,
    CONFIGURATION,
    EMAIL_HASH,
    MARY_HASH,
    PHONE_HASH,
    UNITED_STATES_HASH,
)

APP_EVENTS = "Meta, Conversions API for App Events; App Data Parameters"
LEADS = "Meta, Conversions API for CRM: payload specification"
MESSAGING = "Meta, Conversions API for Business Messaging"
SOURCES = "Meta, Server Event Parameters: action_source"

EXAMPLES_BY_SOURCE = (
    Example(
        title="A level reached in an app",
        settings={
            "eventName": "LevelAchieved",
            "actionSource": "app",
            "eventId": "{{Event ID}}",
            "madid": "{{Advertising ID}}",
            "anonId": "{{Install ID}}",
            "appData": {
                "advertiser_tracking_enabled": "{{Tracking allowed}}",
                "application_tracking_enabled": "1",
                "extinfo": "{{Device}}",
            },
            "customData": {"level": "{{Level}}", "success": "1"},
        },
        data_elements={
            "Event ID": "level-9-77",
            "Advertising ID": "38400000-8cf0-11bd-b23e-10b96e40000d",
            "Install ID": "1fe2307d-bf76-4e46-b6b9-5ffd2f5a9d3b",
            "Tracking allowed": True,
            "Device": ["a2", "com.some.app", "771", "Version 7.7.1", "10.1.1", "OnePlus6", "en_US", "GMT-1"],
            "Level": 9,
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "LevelAchieved",
                "event_time": 1_700_000_000,
                "action_source": "app",
                "event_id": "level-9-77",
                "app_data": {
                    "advertiser_tracking_enabled": 1,
                    "application_tracking_enabled": 1,
                    "extinfo": [
                        *("a2", "com.some.app", "771", "Version 7.7.1", "10.1.1", "OnePlus6", "en_US"),
                        *("GMT-1", "", "", "", "", "", "", "", ""),
                    ],
                },
                "user_data": {
                    "madid": "38400000-8cf0-11bd-b23e-10b96e40000d",
                    "anon_id": "1fe2307d-bf76-4e46-b6b9-5ffd2f5a9d3b",
                },
                "data_processing_options": [],
                "custom_data": {"level": "9", "success": "1"},
            }
        ],
        source=APP_EVENTS,
    ),
    Example(
        title="A lead that became a customer, reported by the CRM",
        settings={
            "eventName": "Became customer",
            "eventTime": "{{Changed at}}",
            "actionSource": "system_generated",
            "eventId": "{{Change ID}}",
            "leadId": "{{Lead ID}}",
            "email": "{{Emails}}",
            "customData": {"event_source": "crm", "lead_event_source": "Example CRM"},
        },
        data_elements={
            "Changed at": "2023-11-14T20:00:00+00:00",
            "Change ID": "stage-4711",
            "Lead ID": "1234567890123456",
            "Emails": ["john_smith@gmail.com", "not an address"],
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Became customer",
                "event_time": 1_699_992_000,
                "action_source": "system_generated",
                "event_id": "stage-4711",
                "user_data": {"lead_id": 1_234_567_890_123_456, "em": [EMAIL_HASH]},
                "data_processing_options": [],
                "custom_data": {"event_source": "crm", "lead_event_source": "Example CRM"},
            }
        ],
        source=LEADS,
        warnings=("no_email",),
    ),
    Example(
        title="An appointment made by telephone",
        settings={
            "eventName": "Schedule",
            "actionSource": "phone_call",
            "eventId": "call-12",
            "phone": "+1 (650) 555-1212",
            "firstName": "Mary",
            "dob": "2/16/1997",
            "country": "USA",
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Schedule",
                "event_time": 1_700_000_000,
                "action_source": "phone_call",
                "event_id": "call-12",
                "user_data": {
                    "ph": PHONE_HASH,
                    "fn": MARY_HASH,
                    "db": BIRTH_DATE_HASH,
                    "country": UNITED_STATES_HASH,
                },
                "data_processing_options": [],
            }
        ],
        source=SOURCES,
    ),
    Example(
        title="An order in a WhatsApp thread",
        settings={
            "eventName": "Purchase",
            "actionSource": "business_messaging",
            "messagingChannel": "whatsapp",
            "eventId": "wa-1",
            "whatsappBusinessAccountId": "1122334455",
            "ctwaClid": "ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwLF1",
            "clientIpAddress": "192.0.2.7",
            "customData": {"value": 123, "currency": "USD"},
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Purchase",
                "event_time": 1_700_000_000,
                "action_source": "business_messaging",
                "messaging_channel": "whatsapp",
                "event_id": "wa-1",
                "user_data": {
                    "whatsapp_business_account_id": "1122334455",
                    "ctwa_clid": "ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwLF1",
                },
                "data_processing_options": [],
                "custom_data": {"value": 123, "currency": "USD"},
            }
        ],
        source=MESSAGING,
        warnings=("not_with_messaging",),
    ),
    Example(
        title="A lead in Messenger",
        settings={
            "eventName": "LeadSubmitted",
            "actionSource": "business_messaging",
            "messagingChannel": "messenger",
            "eventId": "m-1",
            "pageId": "{{Page}}",
            "pageScopedUserId": "{{Sender}}",
        },
        data_elements={"Page": 1_234_567_890, "Sender": 6_789_012_345_678_901},
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "LeadSubmitted",
                "event_time": 1_700_000_000,
                "action_source": "business_messaging",
                "messaging_channel": "messenger",
                "event_id": "m-1",
                "user_data": {"page_id": "1234567890", "page_scoped_user_id": "6789012345678901"},
                "data_processing_options": [],
            }
        ],
        source=MESSAGING,
    ),
    Example(
        title="An order that was shipped, from an Instagram thread",
        settings={
            "eventName": "OrderShipped",
            "actionSource": "business_messaging",
            "messagingChannel": "instagram",
            "eventId": "ig-1",
            "igAccountId": "17841400000000000",
            "igSid": "aGVsbG8",
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "OrderShipped",
                "event_time": 1_700_000_000,
                "action_source": "business_messaging",
                "messaging_channel": "instagram",
                "event_id": "ig-1",
                "user_data": {"ig_account_id": "17841400000000000", "ig_sid": "aGVsbG8"},
                "data_processing_options": [],
            }
        ],
        source=MESSAGING,
    ),
    Example(
        title="A donation at a fair, with the action source other",
        settings={
            "eventName": "Donate",
            "actionSource": "other",
            "eventId": "fair-1",
            "email": ["{{Email}}", "{{Other email}}"],
            "customData": {"value": "10.00", "currency": "EUR"},
        },
        data_elements={"Email": "John_Smith@gmail.com", "Other email": EMAIL_HASH},
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "Donate",
                "event_time": 1_700_000_000,
                "action_source": "other",
                "event_id": "fair-1",
                "user_data": {"em": [EMAIL_HASH]},
                "data_processing_options": [],
                "custom_data": {"value": 10.0, "currency": "EUR"},
            }
        ],
        source=SOURCES,
    ),
    Example(
        title="A click that is only in the page's address",
        settings={
            "eventName": "ViewContent",
            "actionSource": "website",
            "eventSourceUrl": "{{Page URL}}",
            "clientUserAgent": "Mozilla/5.0",
            "eventId": "v-1",
            "fbp": "fb.1.1696403881668.1116446470",
        },
        data_elements={
            "Page URL": "https://shop.example/?fbclid=IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2o"
        },
        extension_settings=CONFIGURATION,
        result=[
            {
                "event_name": "ViewContent",
                "event_time": 1_700_000_000,
                "action_source": "website",
                "event_source_url": "https://shop.example/?fbclid=IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2o",
                "event_id": "v-1",
                "user_data": {
                    "client_user_agent": "Mozilla/5.0",
                    "fbp": "fb.1.1696403881668.1116446470",
                    "fbc": "fb.1.1700000000000.IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2o",
                },
                "data_processing_options": [],
            }
        ],
        source="Meta, fbp and fbc Parameters (ClickID)",
    ),
)
