"""Values that sites, spreadsheets and tag managers were reported to send, and the part that Meta can use.

Source: Meta, Customer Information Parameters; Custom Data Parameters; fbp and fbc Parameters (ClickID);
facebook/capi-param-builder, nodejs/capi-param-builder/src/ParamBuilder.js and
python/capi_param_builder/param_builder.py (release 1.3.2).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from properties.catalog.errors import Rejected

from ..actions import send_conversions_api_event
from .meta import CONFIGURATION, LEAST, RECEIVED_AT, codes, context, item, sent

RECEIVED_MS = RECEIVED_AT * 1000
# Suffixes of the parameter builder: 1.3.2 for Python, and the two letters of older releases.
SUFFIXES = ("AQQAAQMC", "AQQCAQMC", "AQ", "BA")


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def person(**settings: Any) -> dict[str, Any]:
    """Return ``user_data`` of an event with these settings and a browser ID, so that it is always sent."""
    data: dict[str, Any] = sent(fbp="fb.1.1596403881668.1116446470", **settings)["user_data"]
    return data


def custom(**data: Any) -> dict[str, Any]:
    found: dict[str, Any] = sent(customData=data).get("custom_data", {})
    return found


class TestTheSuffixOfMetasParameterBuilder:
    """Source: facebook/capi-param-builder: after a dot, eight letters or the two of older releases."""

    @pytest.mark.parametrize("suffix", SUFFIXES)
    @pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
    def test_it_is_cut_from_an_address_and_nothing_else_is_lost(self, address: str, suffix: str) -> None:
        result = item(clientIpAddress=f"{address}.{suffix}")

        assert result.payload["user_data"]["client_ip_address"] == address
        assert codes(result) == []

    def test_an_event_with_a_browser_and_such_an_address_only_is_sent(self) -> None:
        event = sent(LEAST | {"clientIpAddress": "203.0.113.7.AQQAAQMC"})

        assert event["user_data"].keys() == {"client_ip_address", "client_user_agent"}

    @pytest.mark.parametrize("address", ["10.0.0.1.AQQAAQMC", "1.2.3.AQQAAQMC", "nonsense.AQQAAQMC"])
    def test_the_remaining_address_must_be_public(self, address: str) -> None:
        assert "client_ip_address" not in person(clientIpAddress=address)

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_a_click_id_is_made_without_it_and_the_address_of_the_page_keeps_it(self, suffix: str) -> None:
        address = f"https://shop.example/?utm=1&fbclid=IwAR0AbC-_x.{suffix}"
        event = sent(eventSourceUrl=address)

        assert event["user_data"]["fbc"] == f"fb.1.{RECEIVED_MS}.IwAR0AbC-_x"
        assert event["event_source_url"] == address

    @pytest.mark.parametrize("cookie_suffix", ["", ".AQIAAQEB"])
    def test_the_same_click_with_it_keeps_the_cookie(self, cookie_suffix: str) -> None:
        cookie = f"fb.1.1699990000000.IwAR0AbC-_x{cookie_suffix}"

        assert person(fbc=cookie, eventSourceUrl="https://shop.example/?fbclid=IwAR0AbC-_x.AQQCAQMC")[
            "fbc"
        ] == (cookie)


class TestTimes:
    """Source: RFC 9110, 5.6.7 (three forms of dates in HTTP); ECMA-262, Date.prototype.toString."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("Tue, 14 Nov 2023 22:13:10 GMT", []),
            ("Tuesday, 14-Nov-23 22:13:10 GMT", []),
            ("Tue Nov 14 22:13:10 2023", []),
            ("Tue Nov 14 2023 23:13:10 GMT+0100 (Central European Standard Time)", []),
            ("2023-11-14 22:13:10 UTC", []),
            ("2023-11-14 23:13:10 +0100", []),
            ("1699999990000000", ["microseconds"]),
            (1_699_999_990_000_000, ["microseconds"]),
            ("1699999990000000000", ["nanoseconds"]),
            ("1.69999999E+9", []),
            (["1699999990"], []),
        ],
    )
    def test_each_notation_is_read_as_the_intended_second(self, given: Any, expected: list[str]) -> None:
        result = item(eventTime=given)

        assert (result.payload["event_time"], codes(result)) == (RECEIVED_AT - 10, expected)

    def test_the_time_of_an_earlier_event_is_read_alike(self) -> None:
        event = sent(originalEventData={"event_time": "Tue, 14 Nov 2023 22:13:10 GMT", "order_id": "1"})

        assert event["original_event_data"]["event_time"] == RECEIVED_AT - 10


NOTHING = (
    *("undefined", "null", "NaN", "(not set)", "[object Object]", "undefined undefined", " null "),
    *("00000000-0000-0000-0000-000000000000", "0" * 32),
)
TEXTS = (
    *(
        "eventId",
        "clientUserAgent",
        "email",
        "phone",
        "gender",
        "dob",
        "lastName",
        "firstName",
        "city",
        "state",
    ),
    *("zip", "country", "externalId", "fbc", "fbp", "subscriptionId", "leadId", "anonId", "madid", "f5first"),
    *("eventSourceUrl", "referrerUrl", "clientIpAddress", "optOut", "customerSegmentation", "pageId"),
)


class TestTextsThatStandForNothing:
    @pytest.mark.parametrize("text", NOTHING)
    @pytest.mark.parametrize("key", TEXTS)
    def test_they_are_left_out_of_every_field_with_a_warning(self, key: str, text: str) -> None:
        browser = {"fbp": "fb.1.1596403881668.1116446470"}
        bare, result = item(browser | {key: ""}), item(browser | {key: text})

        assert result.payload == bare.payload
        assert key in [warning.path for warning in result.warnings]

    @pytest.mark.parametrize("text", NOTHING)
    @pytest.mark.parametrize(
        "name", ["content_name", "order_id", "status", "search_string", "own", "level", "success", "contents"]
    )
    def test_they_are_left_out_of_custom_data(self, name: str, text: str) -> None:
        result = item(customData={name: text, "content_category": "Shoes"})

        assert result.payload["custom_data"] == {"content_category": "Shoes"}
        assert [(it.path, it.code) for it in result.warnings] == [(f"customData.{name}", "no_value")]

    @pytest.mark.parametrize("text", NOTHING)
    def test_they_are_left_out_of_lists_and_of_whatever_is_nested(self, text: str) -> None:
        result = item(
            email=["john_smith@gmail.com", text],
            externalId=[text, "u-1"],
            customData={
                "content_ids": ["A", text],
                "contents": [{"id": "A", "quantity": 1, "title": text}, {"id": text, "quantity": 1}],
                "own": {"a": text, "b": ["x", text], "c": {"d": text, "e": 0}},
            },
        )

        assert len(result.payload["user_data"]["em"]) == len(result.payload["user_data"]["external_id"]) == 1
        assert result.payload["custom_data"] == {
            "content_ids": ["A"],
            "contents": [{"id": "A", "quantity": 1}],
            "own": {"b": ["x"], "c": {"e": 0}},
        }
        assert "no_value" in codes(result)

    @pytest.mark.parametrize("text", ["Null", "NULL", "None", "nan", "N/A", "Undefined", "(NOT SET)"])
    def test_an_id_is_not_taken_from_other_spellings_either(self, text: str) -> None:
        assert "external_id" not in person(externalId=text)
        assert item(eventId=text).payload["event_id"] == item(eventId="").payload["event_id"]
        assert custom(order_id=text) == {}

    @pytest.mark.parametrize(
        ("key", "text", "name"),
        [
            ("lastName", "Null", "ln"),
            ("firstName", "Nan", "fn"),
            ("lastName", "None", "ln"),
            ("city", "Nan", "ct"),
        ],
    )
    def test_people_and_places_with_such_names_are_kept(self, key: str, text: str, name: str) -> None:
        assert person(**{key: text})[name] == hashed(text.lower())

    def test_a_search_text_is_kept_in_other_spellings(self) -> None:
        assert custom(search_string="None") == {"search_string": "None"}

    def test_positions_of_extinfo_stay_where_they_are(self) -> None:
        app_data = {"advertiser_tracking_enabled": 1, "extinfo": ["a2", "undefined", "", "", "14", "null"]}
        result = item(actionSource="app", appData=app_data)

        assert result.payload["app_data"]["extinfo"][:6] == ["a2", "", "", "", "14", ""]
        assert "no_value" in codes(result)

    def test_an_event_is_not_sent_under_such_a_name(self) -> None:
        with pytest.raises(Rejected) as refused:
            item(eventName="undefined")
        assert refused.value.code == "event_name"

    def test_no_test_event_code_and_no_token_is_such_a_text(self) -> None:
        with pytest.raises(Rejected) as refused:
            item(isTestEvent=True, testEventCode="undefined")
        assert refused.value.code == "test_event_code"
        assert item(accessToken="undefined").envelope["access_token"] == CONFIGURATION["accessToken"]


class TestContactsAsTheyAreCopied:
    """Right values: Meta, Customer Information Parameters, "em", "ph", "zp", "st"; ISO 3166-2 for states."""

    @pytest.mark.parametrize(
        "text",
        [
            *("mailto:a@b.example", "MAILTO:A@b.example?subject=Hi", "a@b.example;", "a@b.example,"),
            *(
                "<a@b.example>",
                '"Ann B." <a@b.example>',
                "Ann <a@b.example>",
                "a%40b.example",
                "'a@b.example'",
            ),
            *("(a@b.example)", "a@b.example.", "[a@b.example](mailto:a@b.example)"),
        ],
    )
    def test_text_around_the_address_is_removed(self, text: str) -> None:
        result = item(email=text)

        assert result.payload["user_data"]["em"] == hashed("a@b.example")
        assert [(it.path, it.code) for it in result.warnings] == [("email", "cleaned")]

    @pytest.mark.parametrize(
        "text",
        ["a@b.example, c@d.example", "a@b.example;c@d.example", "a@b..example", "a@b", "<>", "a@b.example>c"],
    )
    def test_an_address_that_is_not_certain_is_left_out(self, text: str) -> None:
        result = item(email=text)

        assert "em" not in result.payload["user_data"]
        assert codes(result) == ["no_email"]

    @pytest.mark.parametrize(
        "text", ["a+b@c.example", "o'neil@c.example", "ü@bücher.example", "a.b_c@d-e.co.uk"]
    )
    def test_an_address_as_it_should_be_stays_without_a_word(self, text: str) -> None:
        result = item(email=text)

        assert result.payload["user_data"]["em"] == hashed(text)
        assert codes(result) == []

    @pytest.mark.parametrize("text", ["4.47946095E+11", "4,47946095E+11", "1.65055512e+10"])
    def test_a_phone_number_that_a_spreadsheet_rounded_is_left_out(self, text: str) -> None:
        result = item(phone=text)

        assert "ph" not in result.payload["user_data"]
        assert codes(result) == ["rounded"]

    @pytest.mark.parametrize(
        ("text", "digits"),
        [
            ("4.47946095123E+11", "447946095123"),
            ("447946095123.0", "447946095123"),
            ("tel:+44-7946-095123", "447946095123"),
            ("tel:+16505551212;ext=77", "16505551212"),
            ("+1 650 555 1212 ext. 77", "16505551212"),
            ("+1 (650) 555-1212 x77", "16505551212"),
            ("+1 650 555 1212 #77", "16505551212"),
        ],
    )
    def test_a_phone_number_with_all_its_digits_is_read(self, text: str, digits: str) -> None:
        assert person(phone=text)["ph"] == hashed(digits)

    @pytest.mark.parametrize(
        ("country", "given", "code"),
        [
            ("US", "2138", "02138"),
            ("US", 2138, "02138"),
            ("US", "601", "00601"),
            ("us", "21381234", "02138"),
            ("PR", "907", "00907"),
            ("DE", "1067", "01067"),
            ("IT", "100", "00100"),
            ("NO", 150, "0150"),
            ("JP", "600000", "0600000"),
        ],
    )
    def test_zeros_that_a_spreadsheet_took_from_a_post_code_come_back(
        self, country: str, given: Any, code: str
    ) -> None:
        result = item(country=country, zip=given)

        assert result.payload["user_data"]["zp"] == hashed(code)
        assert codes(result) == ["cleaned"]

    @pytest.mark.parametrize(
        ("country", "given", "code"),
        [
            ("US", "94025.0", "94025"),
            ("FR", "75001.0", "75001"),
            ("GB", "2138", "2138"),
            ("DK", "2138", "2138"),
        ],
    )
    def test_other_post_codes_keep_their_digits(self, country: str, given: str, code: str) -> None:
        assert person(country=country, zip=given)["zp"] == hashed(code)

    @pytest.mark.parametrize(
        ("settings", "state"),
        [
            ({"state": "US-CA"}, "ca"),
            ({"state": "us-ca"}, "ca"),
            ({"state": "US-CA", "country": "US"}, "ca"),
            ({"state": "CA-ON"}, "on"),
            ({"state": "DE-BY", "country": "DE"}, "by"),
        ],
    )
    def test_a_state_is_read_without_its_country_before_it(
        self, settings: dict[str, Any], state: str
    ) -> None:
        for _ in range(2):
            result = item(settings)
            assert result.payload["user_data"]["st"] == hashed(state)
            assert codes(result) == ["cleaned"]

    @pytest.mark.parametrize("state", ["US-ZZ", "Baden-Württemberg", "Île-de-France"])
    def test_other_names_with_a_dash_are_not_such_a_code(self, state: str) -> None:
        assert codes(item(state=state)) == []


class TestAddressesFromHeaders:
    """Source: RFC 7239, 6; Meta, Customer Information Parameters, "client_ip_address"."""

    @pytest.mark.parametrize(
        ("given", "address"),
        [
            ("203.0.113.7, 70.41.3.18", "203.0.113.7"),
            ("203.0.113.7:52713", "203.0.113.7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("10.0.0.1, 203.0.113.7", "203.0.113.7"),
            ("unknown, 203.0.113.7:80", "203.0.113.7"),
            ('for="[2001:db8::7]:4711";proto=https', "2001:db8::7"),
            ("For=203.0.113.7; by=10.0.0.1, for=70.41.3.18", "203.0.113.7"),
            (["203.0.113.7", "70.41.3.18"], "203.0.113.7"),
            (["203.0.113.7, 70.41.3.18"], "203.0.113.7"),
        ],
    )
    def test_the_first_public_address_is_sent_without_its_port(self, given: Any, address: str) -> None:
        result = item(clientIpAddress=given)

        assert result.payload["user_data"]["client_ip_address"] == address
        assert codes(result) == []

    @pytest.mark.parametrize(
        "given", [["Mozilla/5.0 (X)"], ["Mozilla/5.0 (X)", "curl/8"], [["Mozilla/5.0 (X)"]]]
    )
    def test_the_user_agent_may_be_a_list_of_header_values(self, given: Any) -> None:
        result = item(clientUserAgent=given)

        assert result.payload["user_data"]["client_user_agent"] == "Mozilla/5.0 (X)"
        assert codes(result) == []


class TestListsAndSingleValues:
    @pytest.mark.parametrize(
        ("given", "ids"),
        [
            ("123, 456", ["123", "456"]),
            ("123,456", ["123", "456"]),
            ("[SKU-1,SKU-2]", ["SKU-1", "SKU-2"]),
            ("['SKU-1', 'SKU-2']", ["SKU-1", "SKU-2"]),
            ('["SKU-1","SKU,2"]', ["SKU-1", "SKU,2"]),
            (["123, 456"], ["123", "456"]),
            (["SKU-1", "SKU,2"], ["SKU-1", "SKU,2"]),
            ("SKU-1", ["SKU-1"]),
            ("SKU-1,", ["SKU-1"]),
        ],
    )
    def test_ids_that_come_as_one_text_are_several(self, given: Any, ids: list[str]) -> None:
        assert custom(content_ids=given) == {"content_ids": ids}

    @pytest.mark.parametrize(
        ("name", "given", "expected"),
        [
            ("value", [35.99], 35.99),
            ("value", ["35.99"], 35.99),
            ("content_type", ["product"], "product"),
            ("currency", ["EUR"], "EUR"),
            ("num_items", [3], 3),
            ("order_id", [["T-1"]], "T-1"),
            ("delivery_category", ["in_store"], "in_store"),
            ("status", [True], "true"),
        ],
    )
    def test_a_list_of_one_is_the_one_value(self, name: str, given: Any, expected: Any) -> None:
        assert custom(**{"currency": "EUR", "value": 1, name: given})[name] == expected

    def test_a_list_of_one_is_the_one_value_in_every_part(self) -> None:
        event = sent(
            eventName=["Purchase"],
            actionSource=["website"],
            eventId=["e-7"],
            optOut=[False],
            leadId=["123456789012345"],
            fbc=["fb.1.1699990000000.AbCdEf"],
            eventSourceUrl=["https://shop.example/"],
            customData=[{"value": 1, "currency": "EUR", "contents": [{"id": ["A"], "quantity": [2]}]}],
        )

        assert (event["event_name"], event["action_source"], event["event_id"]) == (
            "Purchase",
            "website",
            "e-7",
        )
        assert event["opt_out"] is False
        assert event["user_data"]["lead_id"] == 123456789012345
        assert event["user_data"]["fbc"] == "fb.1.1699990000000.AbCdEf"
        assert event["event_source_url"] == "https://shop.example/"
        assert event["custom_data"]["contents"] == [{"id": "A", "quantity": 2}]

    @pytest.mark.parametrize("given", [[1, 2], [[1], [2]]])
    def test_a_list_of_several_is_not_a_single_value(self, given: Any) -> None:
        assert custom(num_items=given) == {}


class TestNumbersAndBooleans:
    @pytest.mark.parametrize(
        ("name", "given", "expected"),
        [
            ("status", True, "true"),
            ("status", False, "false"),
            ("success", True, "1"),
            ("success", False, "0"),
            ("success", "true", "1"),
            ("success", 1, "1"),
        ],
    )
    def test_a_boolean_is_written_as_meta_reads_it(self, name: str, given: Any, expected: str) -> None:
        """Source: Meta, Standard Parameters, "status"; Conversions API for App Events, "success"."""
        assert custom(**{name: given}) == {name: expected}

    @pytest.mark.parametrize(
        ("given", "expected"),
        [("1.2E+3", 1200), ("1.2e3", 1200), ("12E-1", 1.2), ("1E+03", 1000), ("-5e0", -5)],
    )
    def test_a_purchase_is_sent_with_the_value_that_a_spreadsheet_wrote(
        self, given: str, expected: float
    ) -> None:
        event = sent(eventName="Purchase", customData={"value": given, "currency": "EUR"})

        assert event["custom_data"]["value"] == expected

    @pytest.mark.parametrize("given", ["1E+99", "1e400", "1E", "E+3", "1.2E+3.5"])
    def test_a_value_that_is_not_a_number_or_too_large_is_left_out(self, given: str) -> None:
        assert custom(predicted_ltv=given) == {}


class TestPersonalDataWhereMetasTermsForbidIt:
    """Source: Meta, Conversions API best practices."""

    @pytest.mark.parametrize(
        "query",
        [
            *(
                "?email=john%40shop.example&first_name=John",
                "?first_name=John",
                "?a=1&Phone=123",
                "?x=a@b.example",
            ),
            *(
                "?customer%5Bemail%5D=x",
                "?user_email=x",
                "?lastName=Smith",
                "?q=%2B16505551212",
                "?a=1#e=a@b.example",
            ),
        ],
    )
    @pytest.mark.parametrize("key", ["eventSourceUrl", "referrerUrl"])
    def test_it_is_named_in_addresses(self, key: str, query: str) -> None:
        address = f"https://shop.example/{query}"
        result = item({key: address})

        assert address in result.payload.values()
        assert [(it.path, it.code) for it in result.warnings] == [(key, "personal_data")]
        assert "john" not in result.warnings[0].message.lower()

    @pytest.mark.parametrize(
        "query",
        ["", "?utm_source=mail&name=x", "?email=", "?emailing=7", "?fbclid=IwAR0_x", "?product=phone"],
    )
    def test_other_addresses_are_sent_without_a_word(self, query: str) -> None:
        assert codes(item(eventSourceUrl=f"https://shop.example/{query}", deriveFbc=False)) == []

    def test_it_is_named_inside_objects_and_lists_of_ones_own(self) -> None:
        result = item(customData={"own": {"buyer": {"mail": ["john@shop.example"]}}, "fine": {"a": [1]}})

        assert [(it.path, it.code) for it in result.warnings] == [("customData.own", "personal_data")]

    @pytest.mark.parametrize(
        "address",
        [
            *(
                "https://<your-domain.com>",
                "https://{domain}/a",
                "https://[your domain]/",
                "https://undefined/a",
            ),
            *("http://null", "https://{{Host}}/x", "https://%%domain%%/"),
        ],
    )
    def test_an_address_that_somebody_forgot_to_fill_in_is_left_out_with_a_warning(
        self, address: str
    ) -> None:
        result = item(eventSourceUrl=address)

        assert "event_source_url" not in result.payload
        assert "no_url" in codes(result)

    @pytest.mark.parametrize(
        "address", ["https://your-domain.com/", "https://www.yourdomain.com/a?b", "https://YOUR-SITE.com"]
    )
    def test_an_address_that_looks_like_a_pattern_is_named(self, address: str) -> None:
        result = item(eventSourceUrl=address)

        assert result.payload["event_source_url"] == address
        assert codes(result) == ["placeholder"]

    def test_named_parameters_are_taken_out_and_every_other_byte_stays(self) -> None:
        configured = context(
            extension_settings={**CONFIGURATION, "removeParameters": ["email", "First_Name", "token[a]"]}
        )
        given = {
            "eventSourceUrl": "https://Shop.example/%7Ea?b=%2f&Email=a%40b.example&c&first%5Fname=J&=&fbclid=AbC#top",
            "referrerUrl": "https://shop.example/?email=a@b.example&token%5Ba%5D=1",
        }
        result = send_conversions_api_event(LEAST | given, configured)

        assert result.payload["event_source_url"] == "https://Shop.example/%7Ea?b=%2f&c&=&fbclid=AbC#top"
        assert result.payload["referrer_url"] == "https://shop.example/"
        assert result.payload["user_data"]["fbc"] == f"fb.1.{RECEIVED_MS}.AbC"
        assert codes(result) == []


class TestItems:
    """Catalog ads match by id. Source: Meta, Custom Data Parameters, "contents"."""

    @pytest.mark.parametrize("quantity", [{}, {"quantity": None}, {"quantity": ""}])
    def test_items_without_quantity_are_sent_with_advice(self, quantity: dict[str, Any]) -> None:
        items = [
            {"id": "A", **quantity},
            {"id": "B", "item_price": 5, **quantity},
            {"id": "C", "quantity": 2},
        ]
        result = item(customData={"contents": items})

        assert result.payload["custom_data"]["contents"] == [
            {"id": "A"},
            {"id": "B", "item_price": 5},
            {"id": "C", "quantity": 2},
        ]
        assert codes(result) == ["no_quantity"]

    def test_items_without_id_are_left_out(self) -> None:
        assert custom(contents=[{"quantity": 1}, {"id": "", "quantity": 1}, "A"]) == {}


class TestLettersThatWereLowered:
    """A click id is case-sensitive. Source: Meta, fbp and fbc Parameters (ClickID)."""

    CLICK = "IwAR0aB3cD_9-xYzQwErTy"

    def test_a_cookie_wins_over_a_click_that_differs_by_lowered_letters_only(self) -> None:
        cookie = f"fb.1.1699990000000.{self.CLICK}"
        result = item(fbc=cookie, eventSourceUrl=f"https://shop.example/?fbclid={self.CLICK.lower()}")

        assert result.payload["user_data"]["fbc"] == cookie
        assert [(it.path, it.code) for it in result.warnings] == [("eventSourceUrl", "lower_cased_click")]

    def test_the_click_of_the_page_mends_a_cookie_that_was_lowered(self) -> None:
        result = item(
            fbc=f"fb.1.1699990000000.{self.CLICK.lower()}",
            eventSourceUrl=f"https://shop.example/?fbclid={self.CLICK}",
        )

        assert result.payload["user_data"]["fbc"] == f"fb.1.1699990000000.{self.CLICK}"
        assert [(it.path, it.code) for it in result.warnings] == [("fbc", "lower_cased_click")]

    @pytest.mark.parametrize(
        ("settings", "path"),
        [
            ({"fbc": f"fb.1.1699990000000.{CLICK.lower()}"}, "fbc"),
            ({"eventSourceUrl": f"https://shop.example/?fbclid={CLICK.lower()}"}, "eventSourceUrl"),
        ],
    )
    def test_a_click_without_a_capital_letter_is_named(self, settings: dict[str, str], path: str) -> None:
        result = item(settings)

        assert "fbc" in result.payload["user_data"]
        assert [(it.path, it.code) for it in result.warnings] == [(path, "lower_cased_click")]

    @pytest.mark.parametrize("click", [CLICK, "abcdef"])
    def test_a_good_or_short_click_is_sent_without_a_word(self, click: str) -> None:
        assert codes(item(fbc=f"fb.1.1699990000000.{click}")) == []


class TestLists:
    """A list of values of which some cannot be sent. Source: Meta, Customer Information Parameters."""

    def test_one_bad_phone_number_of_two_is_cut(self) -> None:
        [warning] = item(phone=["+1 650 555 1212", "12"]).warnings
        assert (warning.label, warning.is_cut, warning.is_lost) == ("Phone", True, False)

    def test_a_list_of_which_nothing_remains_is_lost(self) -> None:
        [warning] = item(phone=["12", "34", ""]).warnings[:1]
        assert (warning.is_cut, warning.is_lost) == (False, True)

    def test_an_item_without_its_id_is_cut_or_lost_likewise(self) -> None:
        [cut] = item(customData={"contents": [{"id": "a", "quantity": 1}, {"quantity": 1}]}).warnings
        [lost] = item(customData={"contents": [{"quantity": 1}]}).warnings
        assert (cut.is_cut, cut.is_lost, lost.is_cut, lost.is_lost) == (True, False, False, True)
