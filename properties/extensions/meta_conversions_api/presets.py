"""Presets for the action: each standard event with its parameters, apps, stores, messages, and a lead stage.

Source: Meta, Pixel Reference, standard events; Conversions API best practices; Conversions API for App
Events, for Offline Events, for Business Messaging; Conversion Leads Integration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from properties.catalog.descriptor import Preset

from .help_pages import APPS, STORES

# Common names of data elements for each parameter, the clearest name first.
NAMES: Mapping[str, Sequence[str]] = {
    "eventTime": ("event time", "timestamp", "time"),
    "eventId": ("event id", "dedup id", "deduplication id"),
    "eventSourceUrl": (
        *("event source url", "page url", "web page details url", "current url", "page location"),
        *("document url", "location href", "url"),
    ),
    "referrerUrl": ("referrer url", "referrer", "web referrer url", "referer", "page referrer"),
    "clientIpAddress": ("client ip address", "ip address", "client ip", "visitor ip", "ip", "ipv6", "ipv4"),
    "clientUserAgent": ("client user agent", "user agent", "useragent", "browser user agent"),
    "email": ("email", "email address", "mail", "em"),
    "phone": ("phone", "phone number", "telephone", "tel", "mobile", "mobile number", "ph"),
    "firstName": ("first name", "given name", "forename", "fn"),
    "lastName": ("last name", "surname", "family name", "ln"),
    "city": ("city", "town", "ct"),
    "state": ("state", "province", "region", "st"),
    "zip": ("zip", "zip code", "postal code", "postcode", "postal", "zp"),
    "country": ("country", "country code"),
    "externalId": (
        *("external id", "customer id", "user id", "member id", "client id", "crm id", "visitor id"),
        *("account id", "customer number", "loyalty id"),
    ),
    "dob": ("date of birth", "birth date", "birthdate", "birthday", "dob"),
    "gender": ("gender", "sex"),
    "fbc": ("fbc", "click id", "facebook click id", "meta click id"),
    "fbp": ("fbp", "browser id", "facebook browser id", "meta browser id"),
    "leadId": ("lead id", "meta lead id", "leadgen id"),
    "madid": ("madid", "mobile advertiser id", "advertising id", "idfa", "gaid", "aaid"),
    "anonId": ("anon id", "anonymous id", "install id", "installation id"),
    "appData.advertiser_tracking_enabled": (
        *("advertiser tracking enabled", "advertiser tracking", "ad tracking enabled", "att allowed"),
        "tracking allowed",
    ),
    "appData.application_tracking_enabled": (
        *("application tracking enabled", "application tracking", "app tracking enabled"),
        "app tracking allowed",
    ),
    "appData.extinfo": ("extinfo", "extended device information", "ext info", "device info"),
    "storeData.store_code": ("store code", "store number", "shop number", "branch number", "store id"),
    "storeData.store_page_id": ("store page id",),
    "pageId": ("page id", "facebook page id"),
    "pageScopedUserId": ("page scoped user id", "psid"),
    "whatsappBusinessAccountId": ("whatsapp business account id", "waba id"),
    "ctwaClid": ("ctwa clid", "click to whatsapp click id", "whatsapp click id"),
    "igAccountId": ("instagram account id", "ig account id", "instagram business account id"),
    "igSid": ("ig sid", "instagram scoped id", "click to instagram id"),
    "customData.value": (
        *("value", "revenue", "order value", "order total", "total", "total value", "purchase value"),
        *("transaction total", "transaction revenue", "grand total", "price total", "amount", "cart total"),
    ),
    "customData.currency": ("currency", "currency code", "order currency"),
    "customData.order_id": ("order id", "order number", "transaction id", "purchase id", "order no"),
    "customData.item_number": ("item number", "line item number", "position number"),
    "customData.contents": (
        "contents",
        "items",
        "products",
        "line items",
        "product list items",
        "cart items",
    ),
    "customData.content_ids": ("content ids", "product ids", "item ids", "skus", "sku list"),
    "customData.content_type": ("content type",),
    "customData.content_name": ("content name", "product name", "page title", "web page details name"),
    "customData.content_category": ("content category", "product category"),
    "customData.num_items": ("number of items", "num items", "item count", "cart quantity"),
    "customData.search_string": ("search string", "search term", "search query", "search keyword"),
    "customData.status": ("registration status",),
    "customData.lead_event_source": ("lead event source", "crm", "crm name", "crm system"),
    "customData.predicted_ltv": ("predicted ltv", "predicted lifetime value", "lifetime value", "ltv"),
}

_VISIT = ("eventTime", "eventId", "eventSourceUrl", "clientIpAddress", "clientUserAgent", "fbc", "fbp")
_PERSON = ("email", "phone", "firstName", "lastName", "city", "state", "zip", "country", "externalId")
_BIRTH = ("dob", "gender")
_MONEY = ("customData.value", "customData.currency")
# Meta asks for both in website events. Source: Meta, Server Event Parameters.
_NEEDED_ON_WEBSITES = ("eventSourceUrl", "clientUserAgent")

# Event name, description, keys of its custom data. Source: Meta, Pixel Reference, table of standard events.
_STANDARD: Sequence[tuple[str, str, Sequence[str]]] = (
    (
        "Purchase",
        "An order is complete.",
        ("value", "currency", "order_id", "contents", "content_ids", "content_type", "num_items"),
    ),
    (
        "AddToCart",
        "A product is added to the cart.",
        ("value", "currency", "contents", "content_ids", "content_type"),
    ),
    (
        "InitiateCheckout",
        "Somebody starts the checkout.",
        ("value", "currency", "contents", "content_ids", "num_items"),
    ),
    ("Lead", "Somebody provides their contact data, for example in a form.", ("value", "currency")),
    ("CompleteRegistration", "A registration form is completed.", ("value", "currency", "status")),
    (
        "ViewContent",
        "A product page or another important page is viewed.",
        ("value", "currency", "contents", "content_ids", "content_type", "content_name", "content_category"),
    ),
    ("PageView", "Any page is viewed.", ()),
    (
        "AddPaymentInfo",
        "Payment details are added.",
        ("value", "currency", "contents", "content_ids"),
    ),
    (
        "AddToWishlist",
        "A product is added to a wish list.",
        ("value", "currency", "contents", "content_ids"),
    ),
    ("Contact", "Somebody calls, writes or chats.", ()),
    ("CustomizeProduct", "A product is customised.", ()),
    ("Donate", "A donation is made.", ("value", "currency")),
    ("FindLocation", "Somebody looks for a store.", ()),
    ("Schedule", "An appointment is booked.", ()),
    (
        "Search",
        "Somebody searches the site.",
        ("search_string", "content_ids", "content_type", "contents", "value", "currency"),
    ),
    ("StartTrial", "A free trial begins.", ("value", "currency", "predicted_ltv")),
    ("SubmitApplication", "An application is submitted.", ()),
    ("Subscribe", "A paid subscription begins.", ("value", "currency", "predicted_ltv")),
)


def _preset(
    name: str,
    title: str,
    description: str,
    settings: Mapping[str, Any],
    keys: Sequence[str],
    needed: Sequence[str] = (),
    help_page: str = "",
) -> Preset:
    return Preset(name, title, description, settings, {key: NAMES[key] for key in keys}, needed, help_page)


def _on_websites(event_name: str, description: str, custom: Sequence[str]) -> Preset:
    keys = [f"customData.{name}" for name in custom]
    money = _MONEY if event_name == "Purchase" else ()
    return _preset(
        event_name.lower(),
        event_name,
        description,
        {"eventName": event_name, "actionSource": "website"},
        (*_VISIT, *_PERSON, *keys),
        (*_NEEDED_ON_WEBSITES, *money),
    )


# Source: Meta, App Data Parameters; Conversions API for App Events, which also asks for the second.
_NEEDED_IN_APPS = (
    "appData.advertiser_tracking_enabled",
    "appData.application_tracking_enabled",
    "appData.extinfo",
)
_DEVICE = (*_NEEDED_IN_APPS, "madid", "anonId", "clientIpAddress")
# Preset, event name, title, description, keys of its custom data.
_IN_APPS: Sequence[tuple[str, str, str, str, Sequence[str]]] = (
    ("app-install", "MobileAppInstall", "App install", "The app is opened for the first time.", ()),
    (
        "app-purchase",
        "Purchase",
        "Purchase in an app",
        "An order is complete in a mobile app.",
        ("value", "currency", "order_id", "contents", "content_ids", "content_type", "num_items"),
    ),
    (
        "app-add-to-cart",
        "AddToCart",
        "AddToCart in an app",
        "A product is added to the cart of a mobile app.",
        ("value", "currency", "contents", "content_ids", "content_type"),
    ),
    (
        "app-registration",
        "CompleteRegistration",
        "CompleteRegistration in an app",
        "Somebody registers in a mobile app.",
        ("status",),
    ),
    (
        "app-subscription",
        "Subscribe",
        "Subscribe in an app",
        "A paid subscription begins in a mobile app.",
        ("value", "currency", "predicted_ltv"),
    ),
)


def _in_apps(name: str, event_name: str, title: str, description: str, custom: Sequence[str]) -> Preset:
    return _preset(
        name,
        title,
        description,
        {"eventName": event_name, "actionSource": "app"},
        ("eventTime", "eventId", *_DEVICE, *_PERSON, *(f"customData.{it}" for it in custom)),
        (*_NEEDED_IN_APPS, *(_MONEY if event_name == "Purchase" else ())),
        APPS,
    )


_STORE = ("eventTime", "eventId", *_PERSON, *_BIRTH, "storeData.store_code", "storeData.store_page_id")
_STORE_PURCHASE = _preset(
    "store-purchase",
    "Purchase in a store",
    "An order at a till. Meta accepts it for 62 days.",
    {"eventName": "Purchase", "actionSource": "physical_store"},
    (*_STORE, *_MONEY, "customData.order_id", "customData.item_number", "customData.contents"),
    (*_MONEY, "eventTime"),
    STORES,
)
_STORE_LEAD = _preset(
    "store-lead",
    "Lead in a store",
    "Somebody leaves contact data in a store, for example for a test drive.",
    {"eventName": "Lead", "actionSource": "physical_store"},
    (*_STORE, *_MONEY, "customData.order_id", "customData.item_number"),
    ("eventTime",),
    STORES,
)

# Channel, its name, key of the account, key of the person.
# Source: Meta, Conversions API for Business Messaging.
_CHANNELS = (
    ("whatsapp", "WhatsApp", "whatsappBusinessAccountId", "ctwaClid"),
    ("messenger", "Messenger", "pageId", "pageScopedUserId"),
    ("instagram", "Instagram", "igAccountId", "igSid"),
)


def _in_messages(channel: str, title: str, account: str, person: str) -> Preset:
    return _preset(
        f"{channel}-purchase",
        f"Purchase in {title}",
        f"An order from a chat that an ad opened in {title}.",
        {"eventName": "Purchase", "actionSource": "business_messaging", "messagingChannel": channel},
        ("eventTime", "eventId", account, person, "email", "phone", *_MONEY, "customData.contents"),
        (account, person, *_MONEY),
    )


_LEAD_STAGE = _preset(
    "crm-lead-stage",
    "Stage of a lead in a CRM",
    "A lead from a lead ad reaches a new stage. Put the name of the stage into Event Name.",
    {"eventName": "Qualified", "actionSource": "system_generated", "customData": {"event_source": "crm"}},
    (
        "eventTime",
        "eventId",
        "leadId",
        "email",
        "phone",
        "firstName",
        "lastName",
        "customData.lead_event_source",
    ),
    ("leadId", "customData.lead_event_source"),
)

PRESETS = (
    *(_on_websites(*row) for row in _STANDARD),
    *(_in_apps(*row) for row in _IN_APPS),
    _STORE_PURCHASE,
    _STORE_LEAD,
    *(_in_messages(*row) for row in _CHANNELS),
    _LEAD_STAGE,
)
