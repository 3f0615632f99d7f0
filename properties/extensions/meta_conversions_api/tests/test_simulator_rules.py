"""Meta's rules in the simulator. Each expectation names its page of Meta's documentation."""

from typing import Any

import pytest

from ..simulator import check_request
from ..simulator.problems import GraphError
from ..simulator.rules import check_pixel, check_token, check_version
from .simulator_client import EMAIL_HASH, NOW, envelope, server_event

DAY = 86_400
# 2026-09-23T12:00:00Z, one day before v20.0 ends, and 2026-09-24T12:00:00Z.
BEFORE_END_OF_V20 = 1_790_164_800
END_OF_V20 = BEFORE_END_OF_V20 + DAY
# Meta, App Data Parameters: the example of extinfo.
EXTINFO = [
    *("a2", "com.some.app", "771", "Version 7.7.1", "10.1.1", "OnePlus6", "en_US", "GMT-1"),
    *("TMobile", "1920", "1080", "2.00", "2", "128", "8", "USA/New York"),
]
EMAIL = {"em": [EMAIL_HASH]}


def check(*events: Any, **fields: Any) -> GraphError | None:
    return check_request(envelope(*events, **fields), NOW)


def check_user_data(**user_data: Any) -> GraphError | None:
    return check(server_event(user_data=user_data))


def check_purchase(custom_data: dict[str, Any] | None) -> GraphError | None:
    return check(server_event(event_name="Purchase", custom_data=custom_data))


def blamed(error: GraphError | None) -> list[str | int]:
    assert error is not None
    (path,) = error["error_data"]["blame_field_specs"]
    return path


def subcode(error: GraphError | None) -> int | None:
    assert error is not None
    assert error["code"] == 100
    return error.get("error_subcode")


# Meta, Using the API: the request


def test_the_smallest_website_event_of_metas_page_is_accepted():
    assert check(server_event()) is None


def test_an_error_has_the_fields_that_meta_documents():
    # Meta, Handling Errors (Graph API).
    error = check(server_event(event_time=NOW - 8 * DAY))
    assert error is not None
    assert error["type"] == "OAuthException"
    assert error["code"] == 100
    assert error["error_subcode"] == 2804003
    assert error["is_transient"] is False
    assert error["error_user_title"]
    assert error["error_user_msg"]
    assert error["error_data"] == {"blame_field_specs": [["data", 0, "event_time"]]}


def test_a_thousand_events_are_accepted_and_one_more_is_refused():
    events = [server_event()] * 1000
    assert check(*events) is None
    assert blamed(check(*events, server_event())) == ["data"]


@pytest.mark.parametrize("data", [None, [], {}, "events", 7])
def test_data_must_be_a_list_with_events(data):
    assert blamed(check_request({"data": data}, NOW)) == ["data"]


def test_one_bad_event_refuses_the_request_and_is_named_by_its_index():
    error = check(server_event(), server_event(), server_event(event_name=None))
    assert blamed(error) == ["data", 2, "event_name"]


@pytest.mark.parametrize("event", [None, 1, "event", []])
def test_an_event_must_be_an_object(event):
    assert blamed(check(event)) == ["data", 0]


# Meta, Main Body Parameters


@pytest.mark.parametrize("agent", ["acme_1_0", "capi_admin_1_0", "ab", "a" * 22])
def test_a_partner_agent_shorter_than_23_characters_with_two_letters_is_accepted(agent):
    assert check(server_event(), partner_agent=agent) is None


@pytest.mark.parametrize("agent", ["a" * 23, "a_1_0", "123", "", 5])
def test_any_other_partner_agent_is_refused(agent):
    assert blamed(check(server_event(), partner_agent=agent)) == ["partner_agent"]


def test_a_test_event_code_is_a_parameter_of_the_request():
    assert check(server_event(), test_event_code="TEST123") is None
    assert blamed(check(server_event(), test_event_code="")) == ["test_event_code"]


@pytest.mark.parametrize("name", ["test_event_code", "partner_agent", "advertiser_tracking_enabled"])
def test_a_key_that_is_not_a_server_event_parameter_is_refused_inside_an_event(name):
    # Observed: facebook/facebook-nodejs-business-sdk issue 258.
    assert blamed(check(server_event() | {name: "x"})) == ["data", 0, name]


def test_an_appsecret_proof_that_is_not_an_hmac_is_refused_with_code_104():
    assert check(server_event(), appsecret_proof="0" * 64) is None
    error = check(server_event(), appsecret_proof="secret")
    assert error is not None
    assert error["code"] == 104


# Meta, Server Event Parameters


@pytest.mark.parametrize("name", ["event_name", "event_time", "user_data", "action_source"])
def test_a_required_parameter_that_is_missing_is_named(name):
    assert blamed(check(server_event(**{name: None}))) == ["data", 0, name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("event_name", ""),
        ("event_name", 3),
        ("event_time", str(NOW)),
        ("event_time", NOW + 0.5 - DAY),
        ("event_time", True),
        ("user_data", []),
        ("action_source", "web"),
        ("event_id", 17),
        ("event_source_url", {}),
        ("opt_out", "true"),
        ("custom_data", []),
        ("customer_segmentation", "new"),
        ("messaging_channel", "sms"),
    ],
)
def test_a_parameter_of_another_type_is_named(name, value):
    assert blamed(check(server_event(**{name: value}))) == ["data", 0, name]


@pytest.mark.parametrize(
    "source",
    ["website", "email", "phone_call", "chat", "physical_store", "system_generated", "other"],
)
def test_each_action_source_without_further_needs_is_accepted(source):
    assert check(server_event(action_source=source)) is None


def test_a_website_event_without_url_and_user_agent_is_accepted():
    # Observed: Meta answers 200, but the event matches worse.
    user_data = {"fbp": "fb.1.1596403881668.1116446470"}
    assert check(server_event(event_source_url=None, user_data=user_data)) is None


def test_every_parameter_of_the_server_event_page_is_known():
    event = server_event(
        referrer_url="https://search.example/",
        opt_out=False,
        customer_segmentation="new_customer_to_business",
        original_event_data={"event_name": "Purchase", "event_id": "e-0"},
        attribution_data={},
        advanced_measurement_table="table",
        store_data={"store_code": "7"},
    )
    assert check(event) is None


# Meta, Using the API and Conversions API for Offline Events: times


@pytest.mark.parametrize(
    ("source", "days"), [("website", 7), ("system_generated", 7), ("physical_store", 62)]
)
def test_an_event_is_accepted_to_the_end_of_its_window_and_refused_after_it(source, days):
    oldest = NOW - days * DAY
    assert check(server_event(action_source=source, event_time=oldest)) is None
    assert subcode(check(server_event(action_source=source, event_time=oldest - 1))) == 2804003


@pytest.mark.parametrize("event_time", [NOW + 1, NOW * 1000, 10**400])
def test_a_time_in_the_future_is_refused_and_so_are_milliseconds(event_time):
    assert blamed(check(server_event(event_time=event_time))) == ["data", 0, "event_time"]


@pytest.mark.parametrize("event_time", [0, -1, -(10**400)])
def test_a_time_long_ago_is_too_old(event_time):
    assert subcode(check(server_event(event_time=event_time))) == 2804003


# Meta, Customer Information Parameters


@pytest.mark.parametrize("name", ["em", "ph", "fn", "ln", "ge", "db", "ct", "st", "zp", "country"])
def test_a_hashed_parameter_accepts_a_hash_or_a_list_of_hashes(name):
    fbp = "fb.1.1596403881668.1116446470"
    assert check_user_data(fbp=fbp, **{name: EMAIL_HASH}) is None
    assert check_user_data(fbp=fbp, **{name: [EMAIL_HASH, EMAIL_HASH[::-1]]}) is None


@pytest.mark.parametrize("suffix", [".AQ", ".AQEAAQEA", ".Ag_-aB09"])
def test_a_hash_may_carry_the_suffix_of_the_parameter_builder(suffix):
    assert check_user_data(em=EMAIL_HASH + suffix) is None


@pytest.mark.parametrize(
    "value",
    [
        "john_smith@gmail.com",
        ["john_smith@gmail.com"],
        [EMAIL_HASH, "john_smith@gmail.com"],
        EMAIL_HASH.upper(),
        EMAIL_HASH[:32],
        EMAIL_HASH[:40],
        EMAIL_HASH + ".A",
        EMAIL_HASH + "\n",
        "",
    ],
)
def test_contact_data_that_is_not_lower_case_sha_256_is_refused(value):
    error = check_user_data(em=value)
    assert subcode(error) == 2804016
    assert blamed(error) == ["data", 0, "user_data", "em"]


def test_a_refusal_never_repeats_the_contact_data():
    assert "john" not in str(check_user_data(em="john_smith@gmail.com"))


@pytest.mark.parametrize("value", [None, 16505551212, {}, [None]])
def test_a_hashed_parameter_must_be_text(value):
    assert blamed(check_user_data(ph=value)) == ["data", 0, "user_data", "ph"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "client_ip_address",
            "client_user_agent",
            "fbc",
            "fbp",
            "subscription_id",
            "fb_login_id",
            "lead_id",
        ),
        *("anon_id", "madid", "page_id", "page_scoped_user_id", "ctwa_clid", "ig_account_id", "ig_sid"),
        *("whatsapp_business_account_id", "partner_id", "partner_name"),
    ],
)
def test_a_parameter_that_is_never_hashed_is_refused_when_it_is(name):
    assert blamed(check_user_data(**EMAIL, **{name: EMAIL_HASH})) == ["data", 0, "user_data", name]


@pytest.mark.parametrize("value", ["loyalty-8a1c2f", ["a", "b"], EMAIL_HASH])
def test_an_external_id_is_any_text(value):
    assert check_user_data(external_id=value) is None


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1"])
def test_an_address_is_ipv4_or_ipv6(address):
    assert check_user_data(client_ip_address=address, client_user_agent="Mozilla/5.0") is None


@pytest.mark.parametrize("address", ["192.0.2.7 ", "192.0.2", "shop.example", "fe80::1%eth0", "", 7])
def test_any_other_address_is_refused(address):
    assert blamed(check_user_data(**EMAIL, client_ip_address=address)) == [
        "data",
        0,
        "user_data",
        "client_ip_address",
    ]


@pytest.mark.parametrize("lead_id", [123456789012345, "1234567890123456", 12345678901234567])
def test_a_lead_id_has_15_to_17_digits(lead_id):
    assert check_user_data(lead_id=lead_id) is None


@pytest.mark.parametrize("lead_id", [12345678901234, 123456789012345678, "lead", True, 1234567890123456.0])
def test_any_other_lead_id_is_refused(lead_id):
    assert subcode(check_user_data(lead_id=lead_id)) == 2804036


@pytest.mark.parametrize(
    "keys",
    [
        (),
        ("client_user_agent",),
        ("ct", "country", "st", "zp", "ge", "client_user_agent"),
        ("db", "client_user_agent"),
        ("db",),
        ("fn", "ge"),
        ("fn",),
        ("ln", "ge"),
        ("ge",),
    ],
)
def test_customer_information_that_is_too_broad_is_refused(keys):
    values = dict.fromkeys(keys, EMAIL_HASH)
    if "client_user_agent" in values:
        values["client_user_agent"] = "Mozilla/5.0"
    error = check_user_data(**values)
    assert subcode(error) == 2804050
    assert blamed(error) == ["data", 0, "user_data"]


@pytest.mark.parametrize("keys", [("fn", "ln"), ("db", "fn"), ("db", "zp"), ("fn", "ge", "ct"), ("em",)])
def test_keys_of_more_than_one_set_are_enough(keys):
    assert check_user_data(**dict.fromkeys(keys, EMAIL_HASH)) is None


def test_empty_lists_and_unknown_keys_are_not_match_keys():
    assert subcode(check_user_data(em=[], email="x")) == 2804050


def test_a_partner_id_needs_its_partner_name_and_is_not_a_match_key_alone():
    # Adobe, Meta Conversions API extension overview: both or neither, and at least one other key.
    assert check_user_data(**EMAIL, partner_id="XY1000abc", partner_name="liveramp") is None
    assert blamed(check_user_data(**EMAIL, partner_id="XY1000abc")) == [
        "data",
        0,
        "user_data",
        "partner_name",
    ]
    assert subcode(check_user_data(partner_id="XY1000abc", partner_name="liveramp")) == 2804050


# Meta, Custom Data Parameters


@pytest.mark.parametrize("value", [0, 9.5, 129, "129", "9.50"])
@pytest.mark.parametrize("currency", ["EUR", "usd"])
def test_a_purchase_with_currency_and_value_is_accepted(currency, value):
    assert check_purchase({"currency": currency, "value": value}) is None


@pytest.mark.parametrize("custom_data", [None, {}, {"value": 1}, {"value": 1, "currency": ""}])
def test_a_purchase_without_currency_is_refused(custom_data):
    error = check_purchase(custom_data)
    assert subcode(error) == 2804010
    assert blamed(error) == ["data", 0, "custom_data", "currency"]


@pytest.mark.parametrize("custom_data", [{"currency": "EUR"}, {"currency": "EUR", "value": None}])
def test_a_purchase_without_value_is_refused(custom_data):
    error = check_purchase(custom_data)
    assert subcode(error) == 2804009
    assert blamed(error) == ["data", 0, "custom_data", "value"]


def test_only_the_exact_name_purchase_needs_currency_and_value():
    # Meta, Meta Pixel Reference: names are case-sensitive.
    assert check(server_event(event_name="purchase")) is None
    assert check(server_event(event_name="AddToCart", custom_data={"value": 1})) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "EURO"),
        ("currency", "€"),
        ("value", "1,99"),
        ("value", "9.5 EUR"),
        ("value", True),
        ("value", float("inf")),
        ("num_items", "4"),
        ("content_ids", "ABC123"),
        ("content_ids", [1]),
        ("contents", {}),
        ("order_id", 5),
        ("delivery_category", "drone"),
        ("customer_segmentation", "new"),
    ],
)
def test_custom_data_of_another_type_is_named(name, value):
    error = check(server_event(custom_data={name: value}))
    assert blamed(error) == ["data", 0, "custom_data", name]


def test_own_keys_of_custom_data_take_any_value():
    assert check(server_event(custom_data={"travel_class": "business", "own": {"deep": [1, None]}})) is None


def test_contents_need_an_id():
    item = {"id": "ABC123", "quantity": 2, "item_price": 9.5, "delivery_category": "home_delivery"}
    assert check(server_event(custom_data={"contents": [item]})) is None
    without_quantity = {key: value for key, value in item.items() if key != "quantity"}
    assert check(server_event(custom_data={"contents": [without_quantity]})) is None
    without_id = {key: value for key, value in item.items() if key != "id"}
    error = check(server_event(custom_data={"contents": [item, without_id]}))
    assert blamed(error) == ["data", 0, "custom_data", "contents", 1, "id"]


@pytest.mark.parametrize(
    "change", [{"quantity": "two"}, {"item_price": "9,5"}, {"delivery_category": "drone"}]
)
def test_an_item_of_another_type_is_named(change):
    item = {"id": "ABC123", "quantity": 2} | change
    error = check(server_event(custom_data={"contents": [item]}))
    assert blamed(error) == ["data", 0, "custom_data", "contents", 0, *change]


# Meta, Data Processing Options for US Users


def data_use(
    options: object, country: object = None, state: object = None, **changes: Any
) -> GraphError | None:
    return check(
        server_event(
            data_processing_options=options,
            data_processing_options_country=country,
            data_processing_options_state=state,
            **changes,
        )
    )


@pytest.mark.parametrize(
    ("options", "country", "state"),
    [
        ([], None, None),
        (["LDU"], 0, 0),
        (["LDU"], 1, 1000),
        (["LDU"], 1, 1013),
    ],
)
def test_the_documented_choices_of_limited_data_use_are_accepted(options, country, state):
    assert data_use(options, country, state) is None


@pytest.mark.parametrize(
    ("options", "country", "state", "name"),
    [
        (["LDU"], None, None, "data_processing_options_country"),
        (["LDU"], 0, None, "data_processing_options_state"),
        (["LDU"], 2, 1000, "data_processing_options_country"),
        (["LDU"], 1, 1014, "data_processing_options_state"),
        (["LDU"], 1, 0, "data_processing_options_state"),
        (["LDU"], 0, 1000, "data_processing_options_state"),
        (["LDU"], "1", 1000, "data_processing_options_country"),
        (["ldu"], 0, 0, "data_processing_options"),
        ("LDU", 0, 0, "data_processing_options"),
    ],
)
def test_other_choices_of_limited_data_use_are_refused(options, country, state, name):
    assert blamed(data_use(options, country, state)) == ["data", 0, name]


def test_meta_can_find_the_place_only_with_an_address():
    error = data_use(["LDU"], 0, 0, user_data=EMAIL)
    assert blamed(error) == ["data", 0, "user_data", "client_ip_address"]
    assert data_use(["LDU"], 1, 1000, user_data=EMAIL) is None


# Meta, App Data Parameters


def app_event(**changes: Any) -> GraphError | None:
    app_data = {
        "advertiser_tracking_enabled": 1,
        "application_tracking_enabled": 0,
        "extinfo": EXTINFO,
    } | changes
    app_data = {name: value for name, value in app_data.items() if value is not None}
    return check(server_event(action_source="app", app_data=app_data))


def test_an_app_event_with_metas_sample_of_extinfo_is_accepted():
    assert app_event() is None
    assert app_event(extinfo=["i2", "", "", "", "17.1", *[""] * 11]) is None


def test_an_app_event_needs_app_data():
    assert blamed(check(server_event(action_source="app"))) == ["data", 0, "app_data"]


@pytest.mark.parametrize(
    "change",
    [
        {"advertiser_tracking_enabled": None},
        {"advertiser_tracking_enabled": 2},
        {"application_tracking_enabled": "yes"},
        {"extinfo": None},
        {"extinfo": EXTINFO[:15]},
        {"extinfo": "a2"},
        {"extinfo": [*EXTINFO[:15], None]},
    ],
)
def test_app_data_that_is_not_as_documented_is_named(change):
    assert blamed(app_event(**change)) == ["data", 0, "app_data", *change]


def test_extinfo_needs_its_version():
    assert blamed(app_event(extinfo=["x", *EXTINFO[1:]])) == ["data", 0, "app_data", "extinfo", 0]


def test_extinfo_without_os_version_is_refused():
    # Observed: error subcode 2804043.
    assert subcode(app_event(extinfo=[*EXTINFO[:4], "", *EXTINFO[5:]])) == 2804043


# Meta, Conversions API for Business Messaging

MESSENGER = {"page_id": "1", "page_scoped_user_id": "2"}
WHATSAPP = {"whatsapp_business_account_id": "1", "ctwa_clid": "ARAk"}
INSTAGRAM = {"ig_account_id": "1", "ig_sid": "2"}


def messaging(
    channel: str | None, user_data: dict[str, str], name: str = "LeadSubmitted"
) -> GraphError | None:
    return check(
        server_event(
            event_name=name,
            action_source="business_messaging",
            messaging_channel=channel,
            user_data=user_data,
        )
    )


@pytest.mark.parametrize(
    ("channel", "user_data"),
    [
        ("messenger", MESSENGER),
        ("whatsapp", WHATSAPP),
        ("whatsapp", {"page_id": "1", "ctwa_clid": "ARAk"}),
        ("instagram", INSTAGRAM),
        ("instagram", {"instagram_business_account_id": "1", "ig_sid": "2"}),
    ],
)
def test_a_messaging_event_with_the_ids_of_its_channel_is_accepted(channel, user_data):
    assert messaging(channel, user_data) is None


def test_a_messaging_event_needs_a_channel():
    assert blamed(messaging(None, MESSENGER)) == ["data", 0, "messaging_channel"]


@pytest.mark.parametrize(
    ("channel", "user_data"),
    [("messenger", MESSENGER), ("whatsapp", WHATSAPP), ("instagram", INSTAGRAM)],
)
def test_a_messaging_event_without_one_of_its_ids_is_refused(channel, user_data):
    account, person = user_data
    # Observed: error subcode 2804116 when neither page nor account is named.
    assert subcode(messaging(channel, {person: user_data[person]})) == 2804116
    assert blamed(messaging(channel, {account: user_data[account]})) == ["data", 0, "user_data", person]


def test_a_messaging_event_with_another_name_is_refused():
    # Observed: error subcode 2804066.
    assert subcode(messaging("messenger", MESSENGER, "PageView")) == 2804066


# Meta, Original Event Data Parameters


@pytest.mark.parametrize("name", ["AppendAttribution", "AppendValue"])
def test_an_append_event_names_the_earlier_event(name):
    earlier = {"event_name": "Purchase", "event_time": NOW, "order_id": "1001"}
    assert blamed(check(server_event(event_name=name))) == ["data", 0, "original_event_data"]
    complete = server_event(event_name=name, original_event_data=earlier, attribution_data={"scope": "click"})
    assert check(complete) is None


# Meta, Graph API changelog and Handling Errors (Graph API): version, token, pixel


@pytest.mark.parametrize("version", ["v21.0", "v25.0", "v26.0", "v27.0"])
def test_a_version_before_its_end_is_accepted(version):
    assert check_version(version, END_OF_V20) is None


def test_a_version_is_retired_on_the_day_it_ends():
    assert check_version("v20.0", BEFORE_END_OF_V20) is None
    for version in ("v20.0", "v19.0", "v2.12"):
        error = check_version(version, END_OF_V20)
        assert error is not None
        assert error["code"] == 2635


@pytest.mark.parametrize("version", ["25.0", "v25", "v25.0.1", "latest", "V25.0"])
def test_a_path_without_a_version_is_not_understood(version):
    error = check_version(version, NOW)
    assert error is not None
    assert error["code"] == 2500


@pytest.mark.parametrize(
    ("token", "expected"), [(None, None), ("", None), (7, None), ("BAD-1", 467), ("EXPIRED-1", 463)]
)
def test_a_token_that_is_missing_bad_or_expired_is_refused_with_code_190(token, expected):
    error = check_token(token)
    assert error is not None
    assert error["code"] == 190
    assert error.get("error_subcode") == expected


def test_a_pixel_id_that_is_not_a_number_does_not_exist():
    assert check_pixel("1234567890") is None
    error = check_pixel("my-pixel")
    assert error is not None
    assert (error["code"], error["error_subcode"]) == (100, 33)
