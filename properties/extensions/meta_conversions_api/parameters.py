"""All parameters of Meta's events edge, as one table.

The form, the payload and the documentation read it. Keys are those of Adobe's public extension; parameters
that it does not have use Meta's name in camelCase. Inside objects the keys are Meta's own.

Source: Meta, Server Event Parameters; Customer Information Parameters; Custom Data Parameters; App Data
Parameters; Original Event Data Parameters. Adobe, Meta Conversions API extension overview.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from properties.catalog.customer_data.places import currency_choices
from properties.catalog.descriptor import Field, FieldType, Section

from .help_pages import APPS, LIVERAMP, STORES, TESTS

PAGES = "https://developers.facebook.com/docs/marketing-api/conversions-api/"
SERVER_EVENT_PAGE = PAGES + "parameters/server-event"
CUSTOMER_PAGE = PAGES + "parameters/customer-information-parameters"
CUSTOM_DATA_PAGE = PAGES + "parameters/custom-data"
APP_DATA_PAGE = PAGES + "parameters/app-data"
ORIGINAL_EVENT_PAGE = PAGES + "parameters/original-event"
CLICK_ID_PAGE = PAGES + "parameters/fbp-and-fbc"
MESSAGING_PAGE = PAGES + "business-messaging"
OFFLINE_PAGE = PAGES + "offline-events"
LEADS_PAGE = PAGES + "conversion-leads-integration"
TEST_PAGE = PAGES + "using-the-api#testEvents"
LDU_PAGE = "https://developers.facebook.com/docs/marketing-apis/data-processing-options"
PIXEL_PAGE = "https://developers.facebook.com/docs/meta-pixel/reference"

EVENT = "serverEvent"
CUSTOMER = "customerInformation"
CUSTOM = "customData"
APP = "appData"
LDU = "limitedDataUse"
TEST = "testEvent"
ADVANCED = "advanced"

SECTIONS = (
    Section(EVENT, "Server Event Parameters", "What happened, when and where.", short="Server Event"),
    Section(
        CUSTOMER,
        "Customer Information Parameters",
        "Who did it. More fields find more people. Provide plain values: they are normalised and hashed "
        "here. Values that are already hashed are sent unchanged.",
        short="Customer Information",
    ),
    Section(CUSTOM, "Custom Data", "What it was worth and what it was about."),
    Section(APP, "App Data", "The device and its permissions.", help_page=APPS),
    Section(LDU, "Limited Data Use", "Limits how Meta uses events of people in some states of the US."),
    Section(TEST, "Test Event", "Shows the event under Test Events in Events Manager.", help_page=TESTS),
    Section(ADVANCED, "Advanced", "Another pixel for this action, partners, earlier events and uploads."),
)

# (value, label). Source: Meta, Server Event Parameters, "action_source"; labels as Adobe's.
ACTION_SOURCES = (
    ("website", "Website"),
    ("email", "Email"),
    ("app", "App"),
    ("phone_call", "Phone Call"),
    ("chat", "Chat"),
    ("physical_store", "Physical Store"),
    ("system_generated", "System Generated"),
    ("business_messaging", "Business Messaging"),
    ("other", "Other"),
)

# Source: Meta, Pixel Reference, standard events; the Pixel's base code sends PageView.
STANDARD_EVENTS = (
    *("AddPaymentInfo", "AddToCart", "AddToWishlist", "CompleteRegistration", "Contact", "CustomizeProduct"),
    *("Donate", "FindLocation", "InitiateCheckout", "Lead", "PageView", "Purchase", "Schedule", "Search"),
    *("StartTrial", "SubmitApplication", "Subscribe", "ViewContent"),
)

# Source: Meta, Server Event Parameters, "customer_segmentation".
CUSTOMER_SEGMENTS = (
    *("new_customer_to_business", "new_customer_to_business_line", "new_customer_to_product_area"),
    *("new_customer_to_medium", "existing_customer_to_business", "existing_customer_to_business_line"),
    *("existing_customer_to_product_area", "existing_customer_to_medium", "customer_in_loyalty_program"),
)

# Source: Meta, Data Processing Options for US Users.
LDU_STATES = {
    0: "Meta locates the person",
    1000: "California",
    1001: "Colorado",
    1002: "Connecticut",
    1003: "Florida",
    1004: "Oregon",
    1005: "Texas",
    1006: "Montana",
    1007: "Delaware",
    1008: "Nebraska",
    1009: "New Hampshire",
    1010: "New Jersey",
    1011: "Minnesota",
    1012: "Maryland",
    1013: "Rhode Island",
}

DELIVERY_CATEGORIES = ("in_store", "curbside", "home_delivery")
MESSAGING_CHANNELS = ("whatsapp", "messenger", "instagram")

# Source: Meta, App Data Parameters: 0 or 1.
_YES_NO = (("1", "Yes"), ("0", "No"))

Place = Literal["event", "user_data", "custom_data", "setting"]
# The part of an event that holds the values of each section.
_PLACES = {"event": "", "user_data": "user_data.", "custom_data": "custom_data."}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table.

    Args:
        key: Key in the settings; inside an object, Meta's name.
        name: Meta's name.
        label: Label in the form.
        place: Object of the payload that contains it. A ``setting`` controls the action; it is not sent under
            this name.
        section: Key of the form section.
        type: Input type in the form.
        normalizer: Name in ``normalize.NORMALIZERS``; "" if the payload has its own rule.
        options: (value, label) pairs that the form offers.
        closed: Whether only the values of ``options`` are sent.
        hashed: Whether it is sent as SHA-256.
        match_quality: Weight for event match quality: our ranking, after Meta's "highly recommended" labels.
        keeps_case: Whether letter case matters.
        properties: Rows of an object; the form shows them if ``type`` is ``object``.
        Other attributes: see the catalog's ``Field``.
    """

    key: str
    name: str
    label: str
    place: Place
    section: str
    type: FieldType = "text"
    normalizer: str = "text"
    options: Sequence[tuple[str, str]] = ()
    closed: bool = False
    hashed: bool = False
    match_quality: str = ""
    required: bool = False
    required_for: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    recommended: bool = False
    recommended_for: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    show_if: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    default: Any = None
    tokens: bool = True
    placeholder: str = ""
    help: str = ""
    url: str = SERVER_EVENT_PAGE
    help_page: str = ""
    keeps_case: bool = False
    properties: Sequence[Parameter] = ()

    def field(self) -> Field:
        """Return the row as a form field of the catalog."""
        return Field(
            key=self.key,
            label=self.label,
            type=self.type,
            section=self.section,
            required=self.required,
            help=self.help,
            options=self.options,
            default=self.default,
            tokens=self.tokens,
            show_if=self.show_if,
            hashed=self.hashed,
            match_quality=self.match_quality,
            required_for=self.required_for,
            recommended=self.recommended,
            recommended_for=self.recommended_for,
            placeholder=self.placeholder,
            url=self.url,
            help_page=self.help_page,
            properties=tuple(self._fields_inside()) if self.type == "object" else (),
            payload_key=_PLACES[self.place] + self.name if self.place in _PLACES else "",
            lists=self.hashed,
            json_text=self.type == "json",
            keeps_case=self.keeps_case,
        )

    def _fields_inside(self) -> Iterator[Field]:
        for row in self.properties:
            yield replace(row.field(), payload_key=f"{self.name}.{row.name}")


_APPS: Mapping[str, Sequence[Any]] = {"actionSource": ["app"]}
_STORES: Mapping[str, Sequence[Any]] = {"actionSource": ["physical_store"]}
_MESSAGES: Mapping[str, Sequence[Any]] = {"actionSource": ["business_messaging"]}


def _same(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value.replace("_", " ").capitalize()) for value in values)


def _event(key: str, name: str, label: str, **more: Any) -> Parameter:
    return Parameter(key, name, label, "event", more.pop("section", EVENT), **more)


def _customer(key: str, name: str, label: str, **more: Any) -> Parameter:
    section = more.pop("section", CUSTOMER)
    return Parameter(
        key, name, label, "user_data", section, **{"url": CUSTOMER_PAGE, "normalizer": "plain"} | more
    )


def _hashed(key: str, name: str, label: str, normalizer: str, match_quality: str, **more: Any) -> Parameter:
    return _customer(
        key, name, label, normalizer=normalizer, hashed=True, match_quality=match_quality, **more
    )


def _custom(name: str, label: str, normalizer: str = "shared_text", **more: Any) -> Parameter:
    return Parameter(
        name, name, label, "custom_data", CUSTOM, normalizer=normalizer, **{"url": CUSTOM_DATA_PAGE} | more
    )


def _setting(key: str, name: str, label: str, section: str, **more: Any) -> Parameter:
    return Parameter(key, name, label, "setting", section, **{"normalizer": ""} | more)


# Source: Meta, Pixel Reference, standard events: those whose object properties list currency and value.
_WORTH: Mapping[str, Sequence[Any]] = {
    "eventName": [
        *("AddPaymentInfo", "AddToCart", "AddToWishlist", "CompleteRegistration", "InitiateCheckout", "Lead"),
        *("StartTrial", "Subscribe", "ViewContent"),
    ]
}

CUSTOM_DATA = (
    _custom("value", "Value", "amount", type="number", placeholder="142.50",
            required_for={"eventName": ["Purchase"]}, recommended_for=_WORTH,
            help="The value of the event, as a number with a decimal point. Zero is valid."),
    _custom("currency", "Currency", "currency", type="combo", options=currency_choices(), placeholder="USD",
            required_for={"eventName": ["Purchase"]}, recommended_for=_WORTH,
            help="ISO 4217 code of three letters."),
    _custom("content_ids", "Content IDs", "texts", type="list", placeholder="ABC123, XYZ789",
            help="IDs of the products, as in the catalog."),
    _custom("contents", "Contents", "contents", type="json",
            placeholder='[{"id": "ABC123", "quantity": 2, "item_price": 9.5}]',
            help="One object for each product, with ID and quantity."),
    _custom("content_type", "Content Type", type="combo", options=_same("product", "product_group"),
            help="Whether the IDs name products or groups of products."),
    _custom("content_name", "Content Name", help="Name of the page or product."),
    _custom("content_category", "Content Category", help="Category of the page or product."),
    _custom("order_id", "Order ID", "shared_id", placeholder="1001",
            help="Number of the order or transaction."),
    _custom("num_items", "Number of Items", "integer", type="integer", placeholder="3"),
    _custom("search_string", "Search String", recommended_for={"eventName": ["Search"]},
            help="The search text that the person entered."),
    _custom("status", "Status", "status", help="State of a registration."),
    _custom("predicted_ltv", "Predicted Lifetime Value", "number", type="number",
            help="Expected value of a subscriber over time."),
    _custom("net_revenue", "Net Revenue", "number", type="number", help="Margin of the conversion."),
    _custom("delivery_category", "Delivery Category", type="combo", options=_same(*DELIVERY_CATEGORIES),
            closed=True),
    _custom("item_number", "Item Number", "shared_id", url=OFFLINE_PAGE,
            help="Distinguishes several store events of one order."),
    _custom("customer_segmentation", "Customer Segmentation", type="combo", options=_same(*CUSTOMER_SEGMENTS),
            closed=True, help="New or existing customer. The field under Server Event Parameters wins.",
            url=SERVER_EVENT_PAGE),
    _custom("event_source", "Event Source", placeholder="crm", help="Use crm for stages of a lead.",
            url=LEADS_PAGE),
    _custom("lead_event_source", "Lead Event Source", help="Name of the CRM.", url=LEADS_PAGE),
    _custom("description", "Description", help="For app events.", url=APP_DATA_PAGE),
    _custom("level", "Level", help="For app events: the level that the person reached.", url=APP_DATA_PAGE),
    _custom("max_rating_value", "Max Rating Value", help="For app events: upper bound of a rating.",
            url=APP_DATA_PAGE),
    _custom("success", "Success", "success", type="combo", options=_YES_NO,
            help="For app events: 1 or 0.", url=APP_DATA_PAGE),
)  # fmt: skip


def _app(name: str, label: str, normalizer: str = "text", **more: Any) -> Parameter:
    return Parameter(name, name, label, "event", EVENT, normalizer=normalizer, url=APP_DATA_PAGE, **more)


APP_DATA = (
    _app("advertiser_tracking_enabled", "Advertiser Tracking Enabled", "flag", type="combo", options=_YES_NO,
         required_for={"actionSource": ["app"]},
         help="1 if the person allowed tracking on iOS, or has not limited it on Android, else 0."),
    _app("application_tracking_enabled", "Application Tracking Enabled", "flag", type="combo",
         options=_YES_NO, recommended_for=_APPS,
         help="1 if the person allowed tracking inside the app, else 0."),
    _app("extinfo", "Extended Device Information", "extinfo", type="list",
         required_for={"actionSource": ["app"]},
         help="Up to 16 values in Meta's order: first a2 (Android) or i2 (iOS), fifth the OS version."),
    _app("campaign_ids", "Campaign IDs"),
    _app("install_referrer", "Install Referrer"),
    _app("installer_package", "Installer Package"),
    _app("url_schemes", "URL Schemes", "texts", type="list"),
    _app("vendor_id", "Vendor ID"),
    _app("windows_attribution_id", "Windows Attribution ID"),
    _app("consider_views", "Consider Views", "boolean"),
    _app("include_dwell_data", "Include Dwell Data", "boolean"),
    _app("include_video_data", "Include Video Data", "boolean"),
    _app("receipt_data", "Receipt Data"),
)  # fmt: skip

ORIGINAL_EVENT_DATA = (
    _event("event_name", "event_name", "Event Name", url=ORIGINAL_EVENT_PAGE),
    _event(
        "event_time",
        "event_time",
        "Event Time",
        normalizer="unix_time",
        url=ORIGINAL_EVENT_PAGE,
        help="Unix time in seconds, or a date with time.",
    ),
    _event("order_id", "order_id", "Order ID", url=ORIGINAL_EVENT_PAGE),
    _event("event_id", "event_id", "Event ID", url=ORIGINAL_EVENT_PAGE),
)

STORE_DATA = (
    _event("store_page_id", "store_page_id", "Store Page ID", url=OFFLINE_PAGE),
    _event("brand_page_id", "brand_page_id", "Brand Page ID", url=OFFLINE_PAGE),
    _event("store_code", "store_code", "Store Code", url=OFFLINE_PAGE),
)


def _attribution(name: str, normalizer: str = "text", **more: Any) -> Parameter:
    return _event(name, name, name.replace("_", " ").title(), normalizer=normalizer, **more)


ATTRIBUTION_DATA = (
    _attribution("scope"),
    _attribution("visit_time", "integer", type="integer"),
    *map(_attribution, ("ad_id", "adset_id", "campaign_id")),
    _attribution("attribution_share", "number", type="number"),
    _attribution("attribution_model"),
    _attribution("attr_window", "integer", type="integer"),
    _attribution("attribution_value", "number", type="number"),
    *map(_attribution, ("attribution_source", "touchpoint_type")),
    _attribution("touchpoint_ts", "integer", type="integer"),
    *map(_attribution, ("attribution_method", "decline_reason", "auditing_token")),
    *map(_attribution, ("linkage_key", "touchpoint_id")),
    _attribution("attribution_setting", "object", type="json"),
    _attribution("total_credit", "number", type="number"),
    _attribution("partner_client_id"),
)

SERVER_EVENT = (
    _event("eventName", "event_name", "Event Name", type="combo", normalizer="", required=True,
           options=tuple((name, name) for name in STANDARD_EVENTS),
           help="A standard event or a custom name, spelled exactly as the Pixel sends it.", url=PIXEL_PAGE),
    _event("actionSource", "action_source", "Action Source", type="combo", options=ACTION_SOURCES,
           normalizer="", required=True,
           help="Where the event happened. By sending it you confirm that it is accurate."),
    _event("eventTime", "event_time", "Event Time", normalizer="", placeholder="when it was received",
           recommended=True,
           help="When the event happened: Unix time in seconds, ISO 8601, or a date as browsers print it. At "
                "most 7 days ago (62 days in a store). If empty: when it was received."),
    _event("eventSourceUrl", "event_source_url", "Event Source URL", normalizer="url", keeps_case=True,
           required_for={"actionSource": ["website"]}, placeholder="https://shop.example/checkout",
           help="The page where the event happened, on the verified domain."),
    _event("eventId", "event_id", "Event ID", keeps_case=True, recommended=True,
           help="The same text as the Pixel's eventID, so that Meta counts the event only once."),
    _event("optOut", "opt_out", "Opt Out", normalizer="boolean", type="combo", placeholder="false",
           options=(("true", "Yes"), ("false", "No")),
           help="If true, Meta uses the event only for attribution, not to optimise the delivery of ads."),
    _setting("lduEnabled", "data_processing_options", "Enable Limited Data Use", LDU, type="boolean",
             default=False, tokens=False, url=LDU_PAGE,
             help="Limits how Meta uses this event for people in some states of the US."),
    _setting("dataProcessingOptionsCountry", "data_processing_options_country", "Limited Data Use Country",
             LDU, type="combo", options=(("0", "Meta locates the person"), ("1", "United States")),
             show_if={"lduEnabled": [True]}, url=LDU_PAGE,
             help="1 for the United States. If 0 or empty, Meta locates the person by Client IP Address."),
    _setting("dataProcessingOptionsState", "data_processing_options_state", "Limited Data Use State", LDU,
             type="combo", options=tuple((str(code), name) for code, name in LDU_STATES.items()),
             show_if={"lduEnabled": [True]}, url=LDU_PAGE,
             help="Meta's number of the state, such as 1000 for California. No IP address is needed then."),
    _event("referrerUrl", "referrer_url", "Referrer URL", normalizer="url", keeps_case=True,
           help="The page that led to the page of the event."),
    Parameter("customerSegmentation", "customer_segmentation", "Customer Segmentation", "custom_data", EVENT,
              type="combo", options=_same(*CUSTOMER_SEGMENTS), closed=True,
              help="New or existing customer."),
    _event("messagingChannel", "messaging_channel", "Messaging Channel", type="combo",
           options=_same(*MESSAGING_CHANNELS), closed=True,
           required_for=_MESSAGES, show_if=_MESSAGES, url=MESSAGING_PAGE),
    _event("appData", "app_data", "App Data", section=APP, type="object", normalizer="object",
           properties=APP_DATA, required_for=_APPS, show_if=_APPS, url=APP_DATA_PAGE,
           help="The device and its permissions; required for app events."),
    _event("originalEventData", "original_event_data", "Original Event Data", section=ADVANCED, type="object",
           normalizer="object", properties=ORIGINAL_EVENT_DATA, url=ORIGINAL_EVENT_PAGE,
           required_for={"eventName": ["AppendAttribution", "AppendValue"]},
           help="The earlier event that this one adds to."),
    _event("attributionData", "attribution_data", "Attribution Data", section=ADVANCED, type="object",
           normalizer="object",
           properties=ATTRIBUTION_DATA, required_for={"eventName": ["AppendAttribution"]},
           help="Attribution found elsewhere (beta)."),
    _event("storeData", "store_data", "Store Data", type="object", normalizer="object",
           properties=STORE_DATA, url=OFFLINE_PAGE, help_page=STORES, show_if=_STORES,
           help="The store of the event."),
    _event("advancedMeasurementTable", "advanced_measurement_table", "Advanced Measurement Table",
           section=ADVANCED),
)  # fmt: skip

CUSTOMER_INFORMATION = (
    _customer("clientIpAddress", "client_ip_address", "Client IP Address", normalizer="client_ip",
              match_quality="medium", required_for={"lduEnabled": [True]},
              help="The visitor's own IP address, preferably IPv6."),
    _customer("clientUserAgent", "client_user_agent", "Client User Agent", normalizer="user_agent",
              match_quality="medium", required_for={"actionSource": ["website"]},
              help="User agent of the visitor's browser, as received."),
    _hashed("email", "em", "Email", "email", "high", recommended=True),
    _hashed("phone", "ph", "Phone", "phone", "high", recommended=True,
            help="With country code. If it is missing, the default country of the property is used."),
    _hashed("gender", "ge", "Gender", "gender", "low", type="combo",
            options=(("f", "Female"), ("m", "Male")), help="f or m; also female, male, woman, man."),
    _hashed("dob", "db", "Date of Birth", "birth_date", "medium", placeholder="1997-02-16"),
    _hashed("lastName", "ln", "Last Name", "name", "medium"),
    _hashed("firstName", "fn", "First Name", "name", "medium"),
    _hashed("city", "ct", "City", "city", "low"),
    _hashed("state", "st", "State", "state", "low",
            help="In the US, the two-letter code or the name of the state."),
    _hashed("zip", "zp", "Zip", "postcode", "low"),
    _hashed("country", "country", "Country", "country", "low", placeholder="US",
            help="Two letters, or the English name. Send it even if all customers live in one country."),
    _hashed("externalId", "external_id", "External ID", "external_id", "medium", recommended=True,
            help="Your own ID for the person, the same in every channel."),
    _setting("externalIdPlain", "external_id", "Send External ID without hashing", CUSTOMER, type="boolean",
             default=False, tokens=False, url=CUSTOMER_PAGE,
             help="Only if your other channels also send it plain."),
    _customer("fbc", "fbc", "Click ID", normalizer="fbc", match_quality="high", url=CLICK_ID_PAGE,
              recommended=True,
              keeps_case=True, placeholder="fb.1.1554763741205.AbCdEf",
              help="Value of the cookie _fbc. Left out if it is older than 90 days or has another form."),
    _setting("deriveFbc", "fbc", "Make Click ID from the page's address", CUSTOMER, type="boolean",
             default=True, tokens=False, url=CLICK_ID_PAGE,
             help="Used if there is no Click ID, or if the address has another click. Reads fbclid from "
                  "Event Source URL, else from Referrer URL. A click ID is never invented."),
    _customer("fbp", "fbp", "Browser ID", normalizer="fbp", match_quality="medium", url=CLICK_ID_PAGE,
              recommended=True,
              placeholder="fb.1.1596403881668.1116446470", help="Value of the cookie _fbp."),
    _customer("subscriptionId", "subscription_id", "Subscription ID"),
    _customer("fbLoginId", "fb_login_id", "Meta Login ID", normalizer="digits_id"),
    _customer("leadId", "lead_id", "Lead ID", normalizer="lead_id", url=LEADS_PAGE,
              help="ID of a lead from a lead ad, 15 to 17 digits."),
    _customer("partnerName", "partner_name", "Partner Name (alpha)", section=ADVANCED, placeholder="liveramp",
              help_page=LIVERAMP,
              help="Needs Partner ID. For advertisers that Meta and the partner have admitted."),
    _customer("partnerId", "partner_id", "Partner ID (alpha)", section=ADVANCED, keeps_case=True,
              help_page=LIVERAMP,
              help="For LiveRamp: the RampID."),
    _customer("anonId", "anon_id", "Install ID", show_if=_APPS,
              help="For app events: identifies one installation of the app."),
    _customer("madid", "madid", "Mobile Advertiser ID", help="For app events.", show_if=_APPS),
    _customer("pageId", "page_id", "Page ID", show_if=_MESSAGES, url=MESSAGING_PAGE,
              help="For business messaging."),
    _customer("pageScopedUserId", "page_scoped_user_id", "Page-Scoped User ID",
              help="For business messaging, Messenger.", show_if=_MESSAGES, url=MESSAGING_PAGE),
    _customer("ctwaClid", "ctwa_clid", "Click to WhatsApp Click ID", keeps_case=True,
              help="For business messaging, WhatsApp.", show_if=_MESSAGES, url=MESSAGING_PAGE),
    _customer("whatsappBusinessAccountId", "whatsapp_business_account_id", "WhatsApp Business Account ID",
              help="For business messaging, WhatsApp.", show_if=_MESSAGES, url=MESSAGING_PAGE),
    _customer("igAccountId", "ig_account_id", "Instagram Account ID",
              help="For business messaging, Instagram.", show_if=_MESSAGES, url=MESSAGING_PAGE),
    _customer("igSid", "ig_sid", "Click to Instagram ID",
              help="For business messaging, Instagram.", show_if=_MESSAGES, url=MESSAGING_PAGE),
    _hashed("f5first", "f5first", "First Five Letters of First Name", "lower_case", ""),
    _hashed("f5last", "f5last", "First Five Letters of Last Name", "lower_case", ""),
    _hashed("fi", "fi", "First Initial", "lower_case", ""),
    _hashed("dobd", "dobd", "Day of Birth", "lower_case", "", placeholder="16"),
    _hashed("dobm", "dobm", "Month of Birth", "lower_case", "", placeholder="02"),
    _hashed("doby", "doby", "Year of Birth", "lower_case", "", placeholder="1997"),
)  # fmt: skip

OWN_SECTIONS = (
    _setting("customData", "custom_data", "Custom Data", CUSTOM, type="object", properties=CUSTOM_DATA,
             required_for={"eventName": ["Purchase"]}, url=CUSTOM_DATA_PAGE,
             help="Meta's own names and any further keys, or one data element that returns the whole object. "
                  "No personal data."),
    _setting("isTestEvent", "test_event_code", "Send as Test Event", TEST, type="boolean", default=False,
             tokens=False, url=TEST_PAGE,
             help="Test events count like all others. Uncheck this before you go live."),
    _setting("testEventCode", "test_event_code", "Test Event Code", TEST, placeholder="TEST12345",
             show_if={"isTestEvent": [True]}, required_for={"isTestEvent": [True]}, url=TEST_PAGE,
             help="From Events Manager, Test events."),
    _setting("testEventHours", "test_event_code", "Switch off after (hours)", TEST, type="integer",
             tokens=False, show_if={"isTestEvent": [True]}, placeholder="24", url=TEST_PAGE,
             help="Counted from saving. Later events are sent without the code. If empty: never."),
    _setting("testEventUntil", "test_event_code", "Test events until", TEST, tokens=False,
             show_if={"isTestEvent": [True]}, placeholder="2026-11-23T15:00Z", url=TEST_PAGE,
             help="Set from the hours above on saving. Events received later are sent without the code."),
    _setting("pixelId", "pixel_id", "Pixel ID", ADVANCED,
             help="Replaces the Pixel ID of the configuration."),
    _setting("accessToken", "access_token", "Access Token", ADVANCED, type="secret",
             help="Replaces the access token of the configuration."),
    _setting("appSecret", "appsecret_proof", "App Secret", ADVANCED, type="secret",
             help="App secret for this access token, only if its app requires it."),
    _setting("uploadTag", "upload_tag", "Upload Tag", ADVANCED, url=OFFLINE_PAGE, help_page=STORES,
             help="Label of an upload. Events Manager shows it for store events."),
    _setting("uploadId", "upload_id", "Upload ID", ADVANCED, url=OFFLINE_PAGE,
             help="ID of an older offline upload."),
    _setting("uploadSource", "upload_source", "Upload Source", ADVANCED, url=OFFLINE_PAGE,
             help="Where an upload came from."),
    _setting("namespaceId", "namespace_id", "Namespace ID", ADVANCED, url=OFFLINE_PAGE,
             help="Scope of partners' external IDs."),
)  # fmt: skip

PARAMETERS = (*SERVER_EVENT, *CUSTOMER_INFORMATION, *OWN_SECTIONS)

# Maps Meta's name to key and label of its setting: the one with the value, not the one that controls it.
SETTING_OF: Mapping[str, tuple[str, str]] = {
    row.name: (row.key, row.label)
    for row in sorted((*SERVER_EVENT, *CUSTOMER_INFORMATION), key=lambda row: row.place != "setting")
}
