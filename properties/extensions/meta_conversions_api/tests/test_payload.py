"""The server event for given settings."""

from __future__ import annotations

import pytest

from properties.catalog.errors import Rejected
from properties.catalog.testing import example_warnings, run_example
from tests.work import hang_limit

from ..actions import send_conversions_api_event
from ..examples import EXAMPLES
from ..extension import extension, send_event
from ..parameters import ACTION_SOURCES, MESSAGING_CHANNELS
from .meta import DAY_SECONDS, LEAST, RECEIVED_AT, codes, context, item, sent

PURCHASE = {"eventName": "Purchase", "customData": {"currency": "USD", "value": 9.99}}
EXTINFO = ["a2", "com.some.app", "771", "Version 7.7.1", "10.1.1"]


def rejection(**settings: object) -> str:
    with pytest.raises(Rejected) as raised:
        item(**settings)
    assert raised.value.message
    return raised.value.code


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_the_worked_examples_have_the_expected_result(example) -> None:
    assert run_example(extension, send_event, example) == [dict(payload) for payload in example.result]
    assert example_warnings(extension, send_event, example) == list(example.warnings)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_the_worked_examples_pass_the_checks_of_the_form(example) -> None:
    assert list(send_event.check(example.settings)) == []


def test_each_action_source_and_each_channel_has_a_worked_example() -> None:
    sources = {example.settings["actionSource"] for example in EXAMPLES}
    channels = {example.settings.get("messagingChannel") for example in EXAMPLES}

    assert sources == {value for value, _ in ACTION_SOURCES}
    assert channels >= set(MESSAGING_CHANNELS)


class TestEventTime:
    """Source: Meta, Server Event Parameters, "event_time"; product rules for units and the future."""

    @pytest.mark.parametrize(
        ("given", "expected", "warnings"),
        [
            (1_699_999_990, 1_699_999_990, []),
            ("1699999990", 1_699_999_990, []),
            (1_699_999_990.7, 1_699_999_990, []),
            ("2023-11-14T22:13:10Z", 1_699_999_990, []),
            ("2023-11-14T23:13:10.500+01:00", 1_699_999_990, []),
            (1_699_999_990_123, 1_699_999_990, ["milliseconds"]),
            ("1699999990123", 1_699_999_990, ["milliseconds"]),
            (None, RECEIVED_AT, []),
            ("", RECEIVED_AT, []),
            (RECEIVED_AT + 5, RECEIVED_AT, []),
            (RECEIVED_AT + 61, RECEIVED_AT, ["future"]),
            ("yesterday", RECEIVED_AT, ["unreadable_time"]),
            (True, RECEIVED_AT, ["unreadable_time"]),
            ("nan", RECEIVED_AT, ["unreadable_time"]),
            ("1e400", RECEIVED_AT, ["unreadable_time"]),
            (10**400, RECEIVED_AT, ["unreadable_time"]),
        ],
    )
    def test_it_is_a_whole_number_of_seconds_and_never_in_the_future(
        self, given: object, expected: int, warnings: list[str]
    ) -> None:
        result = item(eventTime=given)

        assert result.payload["event_time"] == expected
        assert type(result.payload["event_time"]) is int
        assert codes(result) == warnings

    @pytest.mark.parametrize(
        ("source", "days"), [("website", 7), ("physical_store", 62), ("system_generated", 7)]
    )
    def test_an_event_older_than_the_window_is_not_sent(self, source: str, days: int) -> None:
        last = RECEIVED_AT - days * DAY_SECONDS

        assert sent(actionSource=source, eventTime=last)["event_time"] == last
        assert rejection(actionSource=source, eventTime=last - 1) == "too_old"

    def test_an_item_expires_before_its_window_ends(self) -> None:
        result = item(eventTime=RECEIVED_AT - 60)

        assert result.expires_at == RECEIVED_AT - 60 + 7 * DAY_SECONDS - 300


class TestServerEvent:
    """Source: Meta, Server Event Parameters."""

    def test_a_missing_event_id_is_made_from_the_stored_event_with_a_warning(self) -> None:
        settings = LEAST | {"eventId": ""}

        first, again = (
            send_conversions_api_event(settings, context(inbound_event_id="77")) for _ in range(2)
        )

        assert first.payload["event_id"] == again.payload["event_id"] == "77"
        assert codes(first) == ["own_event_id"]

    def test_an_event_id_that_is_a_number_becomes_text(self) -> None:
        assert sent(eventId=1001)["event_id"] == "1001"

    @pytest.mark.parametrize("name", [None, "", "  ", {"a": 1}])
    def test_an_event_without_name_is_not_sent(self, name: object) -> None:
        assert rejection(eventName=name) == "event_name"

    @pytest.mark.parametrize("source", [None, "", "web", {}])
    def test_an_event_without_one_of_metas_sources_is_not_sent(self, source: object) -> None:
        assert rejection(actionSource=source) == "action_source"

    def test_the_name_of_a_source_is_understood_as_the_form_shows_it(self) -> None:
        assert sent(actionSource="Physical Store")["action_source"] == "physical_store"

    def test_the_address_of_the_page_leaves_byte_for_byte(self) -> None:
        address = "https://Shop.example/%7Ea?Q=1&fbclid=AbC#x"

        assert sent(eventSourceUrl=address)["event_source_url"] == address

    @pytest.mark.parametrize("address", ["shop.example", "javascript:alert(1)", "//shop.example"])
    def test_a_value_that_is_not_a_web_address_is_left_out(self, address: str) -> None:
        result = item(eventSourceUrl=address)

        assert "event_source_url" not in result.payload
        assert "no_url" in codes(result)

    @pytest.mark.parametrize(
        ("given", "expected"),
        [("true", True), (True, True), ("TRUE", True), (1, True), ("false", False), (False, False)],
    )
    def test_opt_out_is_a_boolean(self, given: object, expected: bool) -> None:
        assert sent(optOut=given)["opt_out"] is expected

    @pytest.mark.parametrize("given", [None, "", "maybe"])
    def test_opt_out_is_not_sent_without_a_usable_value(self, given: object) -> None:
        assert "opt_out" not in sent(optOut=given)

    @pytest.mark.parametrize("nothing", ["", "  ", None])
    def test_a_website_event_without_page_and_browser_is_sent_with_a_warning(self, nothing: object) -> None:
        # Observed: Meta answers 200, but the event matches worse.
        result = item(eventSourceUrl=nothing, clientUserAgent=nothing)

        assert codes(result) == ["expected", "expected"]

    def test_customer_segmentation_is_in_custom_data(self) -> None:
        # Source: Meta, Server Event Parameters: the sample.
        event = sent(customerSegmentation="new_customer_to_business")

        assert event["custom_data"] == {"customer_segmentation": "new_customer_to_business"}

    def test_objects_leave_under_metas_names_with_metas_types(self) -> None:
        # Source: Meta, Original Event Data Parameters; Conversions API for Offline Events.
        event = sent(
            originalEventData={"event_name": "Purchase", "event_time": "1699999000", "order_id": 7},
            storeData='{"store_code": 12}',
            referrerUrl="https://search.example/",
        )

        assert event["original_event_data"] == {
            "event_name": "Purchase",
            "event_time": 1_699_999_000,
            "order_id": "7",
        }
        assert event["store_data"] == {"store_code": "12"}
        assert event["referrer_url"] == "https://search.example/"


class TestLimitedDataUse:
    """Source: Meta, Data Processing Options for US Users."""

    def options(self, **settings: object) -> tuple[object, object, object]:
        event = sent(**settings)
        names = (
            "data_processing_options",
            "data_processing_options_country",
            "data_processing_options_state",
        )
        return tuple(event.get(name) for name in names)  # type: ignore[return-value]

    def test_off_is_said_with_an_empty_list(self) -> None:
        assert self.options() == ([], None, None)

    def test_on_lets_meta_locate_the_person(self) -> None:
        assert self.options(lduEnabled=True) == (["LDU"], 0, 0)

    @pytest.mark.parametrize("state", ["1000", 1013])
    @pytest.mark.parametrize("country", ["1", 1, None])
    def test_a_state_is_sent_with_its_country(self, country: object, state: object) -> None:
        options = self.options(
            lduEnabled=True, dataProcessingOptionsCountry=country, dataProcessingOptionsState=state
        )

        assert options == (["LDU"], 1, int(state))

    @pytest.mark.parametrize(
        ("country", "state"),
        [("1", ""), ("1", "0"), ("1", "999"), ("0", "1000"), ("DE", "1000"), ("1", "9" * 5000)],
    )
    def test_a_place_that_meta_does_not_know_is_left_to_meta(self, country: str, state: str) -> None:
        result = item(lduEnabled=True, dataProcessingOptionsCountry=country, dataProcessingOptionsState=state)

        assert result.payload["data_processing_options_state"] == 0
        assert codes(result) == ["data_processing_place"]

    def test_without_address_and_state_nothing_is_sent(self) -> None:
        assert rejection(lduEnabled=True, clientIpAddress="", email="a@b.example") == "limited_data_use"

    def test_a_state_does_without_an_address(self) -> None:
        options = self.options(
            lduEnabled=True, clientIpAddress="", email="a@b.example", dataProcessingOptionsState="1000"
        )

        assert options == (["LDU"], 1, 1000)


class TestCustomerInformation:
    """Source: Meta, Customer Information Parameters."""

    def test_a_value_that_cannot_be_used_is_left_out_and_named_by_its_label(self) -> None:
        result = item(email="nobody", phone="12", gender="unknown")

        assert {"em", "ph", "ge"}.isdisjoint(result.payload["user_data"])
        labels = [(warning.path, warning.label) for warning in result.warnings]
        assert sorted(labels) == [("email", "Email"), ("gender", "Gender"), ("phone", "Phone")]

    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"clientUserAgent": "Mozilla/5.0"},
            {"city": "Paris", "country": "FR", "state": "IDF", "zip": "75001", "gender": "f"},
            {"dob": "1997-02-16", "clientUserAgent": "Mozilla/5.0"},
            {"firstName": "Mary", "gender": "f"},
            {"lastName": "Smith", "gender": "f"},
            {"partnerName": "liveramp", "partnerId": "XY1"},
        ],
    )
    def test_customer_information_that_is_too_broad_is_not_sent(self, settings: dict[str, str]) -> None:
        nothing = {"clientIpAddress": "", "clientUserAgent": ""}

        assert rejection(**(nothing | settings)) == "customer_information"

    @pytest.mark.parametrize(
        "settings",
        [
            {"email": "a@b.example"},
            {"fbp": "fb.1.1596403881668.1116446470"},
            {"firstName": "Mary", "lastName": "Smith"},
            {"externalId": "7"},
            {"leadId": "123456789012345"},
        ],
    )
    def test_one_key_that_finds_a_person_is_enough(self, settings: dict[str, str]) -> None:
        assert len(sent({"clientIpAddress": "", "clientUserAgent": ""} | settings)["user_data"]) >= 1

    @pytest.mark.parametrize("alone", ["partnerName", "partnerId"])
    def test_a_partner_is_sent_with_name_and_id_or_not_at_all(self, alone: str) -> None:
        both = sent(partnerName="liveramp", partnerId="XY1aBc")["user_data"]
        one = item({alone: "liveramp"})

        assert (both["partner_name"], both["partner_id"]) == ("liveramp", "XY1aBc")
        assert not {"partner_name", "partner_id"} & one.payload["user_data"].keys()
        assert codes(one) == ["partner"]

    def test_the_country_of_the_event_decides_over_state_and_zip(self) -> None:
        american = sent(country="USA", state="California", zip="94025 1234")["user_data"]
        plain = sent(country="US", state="CA", zip="94025")["user_data"]

        assert american == plain

    def test_a_list_of_one_country_decides_as_well(self) -> None:
        # Source: Meta, Customer Information Parameters: each may be a list of texts.
        listed = sent(country=["USA"], state="California", zip=["94025 1234"])["user_data"]
        plain = sent(country="US", state="CA", zip="94025")["user_data"]

        assert (listed["st"], listed["zp"]) == (plain["st"], [plain["zp"]])

    def test_thousands_of_bad_members_give_a_few_warnings(self) -> None:
        result = item(email=["nobody"] * 5000, customData={"contents": [0] * 5000})

        assert len(result.warnings) < 100
        assert result.warnings[-1].message == "9950 more values were left out or changed."

    def test_the_default_country_of_the_property_completes_a_phone(self) -> None:
        result = send_conversions_api_event(LEAST | {"phone": "(650)555-1212"}, context(default_country="us"))

        # The documented example "1(650)555-1212".
        expected = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"
        assert result.payload["user_data"]["ph"] == expected

    def test_ids_of_further_channels_leave_plain(self) -> None:
        user_data = sent(pageId=123, igSid="ig-1", anonId="install", madid="AB-CD", subscriptionId=9)[
            "user_data"
        ]

        expected = {
            "page_id": "123",
            "ig_sid": "ig-1",
            "anon_id": "install",
            "madid": "AB-CD",
            "subscription_id": "9",
        }
        assert expected.items() <= user_data.items()


class TestCustomData:
    """Source: Meta, Custom Data Parameters."""

    @pytest.mark.parametrize("value", [0, "0", 9.5, "9.50", 12, "1299.50"])
    def test_a_value_is_sent_as_a_number(self, value: object) -> None:
        data = sent(customData={"value": value})["custom_data"]

        assert data["value"] == float(value)
        assert not isinstance(data["value"], str)

    @pytest.mark.parametrize(
        "value",
        ["1.299,50", "1,299.50", "12,50", "$5", "5 USD", True, float("nan"), float("inf"), "abc", [5, 6]],
    )
    def test_a_value_that_is_not_clear_is_left_out_with_a_warning(self, value: object) -> None:
        result = item(customData={"value": value, "order_id": "1"})

        assert result.payload["custom_data"] == {"order_id": "1"}
        assert [warning.path for warning in result.warnings] == ["customData.value"]

    def test_a_value_below_zero_is_sent_with_a_warning(self) -> None:
        result = item(customData={"value": -5, "currency": "EUR"})

        assert result.payload["custom_data"]["value"] == -5
        assert codes(result) == ["negative"]

    @pytest.mark.parametrize("given", ["usd", " USD "])
    def test_a_currency_is_sent_in_upper_case(self, given: str) -> None:
        assert sent(customData={"currency": given})["custom_data"] == {"currency": "USD"}

    @pytest.mark.parametrize("given", ["XYZ", "US", "euro", "€"])
    def test_a_value_that_is_not_a_currency_is_left_out(self, given: str) -> None:
        result = item(customData={"currency": given})

        assert "custom_data" not in result.payload
        assert codes(result) == ["no_currency"]

    def test_content_ids_become_text_so_that_they_equal_catalog_ids(self) -> None:
        assert sent(customData={"content_ids": [1, "b", None, ""]})["custom_data"]["content_ids"] == [
            "1",
            "b",
        ]
        assert sent(customData={"content_ids": "a1"})["custom_data"]["content_ids"] == ["a1"]
        assert sent(customData={"content_ids": '["x", 2]'})["custom_data"]["content_ids"] == ["x", "2"]

    def test_contents_keep_items_with_an_id(self) -> None:
        result = item(
            customData={
                "contents": [
                    {"id": 7, "quantity": "2", "item_price": "9.50", "brand": "Acme", "title": ""},
                    {"quantity": 3},
                    "text",
                ]
            }
        )

        assert result.payload["custom_data"]["contents"] == [
            {"id": "7", "quantity": 2, "item_price": 9.5, "brand": "Acme"}
        ]
        assert codes(result) == ["incomplete_item", "incomplete_item"]

    def test_own_keys_are_sent_with_metas_and_empty_ones_are_left_out(self) -> None:
        data = {"points": 0, "member": False, "tags": [], "note": "", "nothing": None, "deep": {"a": [1]}}

        assert sent(customData=data)["custom_data"] == {"points": 0, "member": False, "deep": {"a": [1]}}

    def test_custom_data_may_be_json_in_a_text(self) -> None:
        assert sent(customData='{"status": "new"}')["custom_data"] == {"status": "new"}

    @pytest.mark.parametrize("given", ["{broken", "[1]", 5, [1]])
    def test_custom_data_that_is_not_an_object_is_left_out_with_a_warning(self, given: object) -> None:
        result = item(customData=given)

        assert "custom_data" not in result.payload
        assert [warning.path for warning in result.warnings] == ["customData"]

    @pytest.mark.parametrize(
        "text", ["[" * 60_000, '{"a": ' * 40 + "1" + "}" * 40, '{"a": NaN}', '{"a": 1e999}']
    )
    def test_json_in_a_text_that_nobody_could_send_is_left_out_with_a_warning(self, text: str) -> None:
        result = item(customData=text)

        assert "custom_data" not in result.payload
        assert codes(result) == ["no_json"]
        assert sent(customData={"content_ids": "[" * 60_000})["custom_data"]["content_ids"] == ["[" * 60_000]

    def test_json_in_a_text_brings_nothing_that_no_database_keeps(self) -> None:
        # PostgreSQL keeps neither NUL nor half a surrogate pair, not even as an escape.
        given = r'{"a\u0000": ["b\u0000", "\ud83d\ude00"], "c": {"d": "\ud800x"}}'

        assert sent(customData=given)["custom_data"] == {"a": ["b", "😀"], "c": {"d": "\ufffdx"}}

    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_a_key_of_ones_own_holds_no_number_that_json_does_not_know(self, number: float) -> None:
        contents = [{"id": "1", "quantity": 1, "weight": number}]
        result = item(customData={"points": number, "contents": contents})

        assert result.payload["custom_data"] == {"contents": [{"id": "1", "quantity": 1}]}
        assert codes(result) == ["not_finite", "not_finite"]

    def test_a_value_that_looks_personal_adds_a_warning(self) -> None:
        # Source: Meta, Conversions API best practices.
        result = item(customData={"note": "mail mary@example.com"})

        assert codes(result) == ["personal_data"]
        assert "mary" not in result.warnings[0].message

    @pytest.mark.parametrize(("begin", "part"), [("", "x"), ("a@", "b"), ("", "+1 "), ("", "@.")])
    def test_a_long_text_is_looked_through_once(self, begin: str, part: str) -> None:
        text = f"{begin}{part * 300_000}@"
        contents = [{"id": "1", "quantity": 1, "own": text}]
        # A search that restarted at each letter took a minute for a fifth of the text.
        with hang_limit():
            item(customData={"note": text, "status": text, "contents": contents})

    @pytest.mark.parametrize(
        "data",
        [
            None,
            {},
            {"currency": "USD"},
            {"value": 5},
            {"currency": "USD", "value": "1.299,50"},
            {"currency": "", "value": 5},
            {"currency": "XYZ", "value": 5},
        ],
    )
    def test_a_purchase_without_usable_currency_and_value_is_not_sent(self, data: object) -> None:
        # Source: Meta, Standard Parameters: Purchase needs both, or the whole request is refused.
        with pytest.raises(Rejected, match="Purchase needs currency and value") as raised:
            item(eventName="Purchase", customData=data)

        assert raised.value.code == "purchase_incomplete"

    def test_a_purchase_for_nothing_is_sent(self) -> None:
        data = {"currency": "EUR", "value": 0}

        assert sent(eventName="Purchase", customData=data)["custom_data"] == data


class TestSources:
    """The requirements of each source; without them Meta refuses the whole request."""

    def test_an_app_event_has_sixteen_positions_of_extinfo(self) -> None:
        # Source: Meta, App Data Parameters.
        app_data = {"advertiser_tracking_enabled": True, "extinfo": EXTINFO, "vendor_id": "V"}

        assert sent(actionSource="app", appData=app_data)["app_data"] == {
            "advertiser_tracking_enabled": 1,
            "extinfo": EXTINFO + [""] * 11,
            "vendor_id": "V",
        }

    @pytest.mark.parametrize(
        "app_data",
        [
            None,
            {"extinfo": EXTINFO},
            {"advertiser_tracking_enabled": 1},
            {"advertiser_tracking_enabled": 1, "extinfo": ["a2"]},
            {"advertiser_tracking_enabled": 1, "extinfo": ["x", *EXTINFO[1:]]},
        ],
    )
    def test_an_app_event_without_its_device_is_not_sent(self, app_data: object) -> None:
        assert rejection(actionSource="app", appData=app_data) == "app_data"

    # Source: Meta, Conversions API for Business Messaging.
    MESSAGING = {
        "actionSource": "business_messaging",
        "messagingChannel": "whatsapp",
        "whatsappBusinessAccountId": "5",
        "ctwaClid": "click",
        **PURCHASE,
    }

    def test_a_message_with_the_ids_of_its_channel_is_sent(self) -> None:
        assert sent(self.MESSAGING)["messaging_channel"] == "whatsapp"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"messagingChannel": ""}, "messaging_channel"),
            ({"eventName": "PageView"}, "messaging_event"),
            ({"ctwaClid": ""}, "messaging_ids"),
            ({"whatsappBusinessAccountId": ""}, "messaging_ids"),
        ],
    )
    def test_a_message_without_what_its_channel_needs_is_not_sent(
        self, change: dict[str, str], code: str
    ) -> None:
        assert rejection(**(self.MESSAGING | change)) == code

    def test_an_event_that_adds_to_an_earlier_one_names_it(self) -> None:
        # Source: Meta, Original Event Data Parameters.
        assert rejection(eventName="AppendValue") == "append"
        assert sent(eventName="AppendValue", originalEventData={"order_id": "1"})
