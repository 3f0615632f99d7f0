"""Duplicates, events without a refused field, and explanations of refusals."""

from __future__ import annotations

import pytest

from properties.catalog.errors import Rejected
from properties.catalog.outbound import Outcome

from ..actions import send_conversions_api_event
from ..degrading import without
from ..explaining import explain
from ..extension import configuration
from .meta import CONFIGURATION, LEAST, context, item, sent

FBC = "fb.1.1699999990000.AbCdEf"


def refused(field: str = "", code: str = "100") -> Outcome:
    return Outcome("rejected", code=code, blamed_field=field, advice="Read Meta's text.")


class TestDuplicates:
    """Source: Meta, Handling Duplicate Pixel and Conversions API Events: event ID and event name."""

    def test_event_id_and_event_name_together_identify_a_duplicate(self) -> None:
        assert item().dedup_key == item().dedup_key
        assert len({item(eventId="e-2").dedup_key, item(eventName="Lead").dedup_key, item().dedup_key}) == 3

    def test_letter_case_of_an_id_counts(self) -> None:
        assert item(eventId="E-1").dedup_key != item(eventId="e-1").dedup_key

    def test_test_events_are_never_duplicates(self) -> None:
        assert item(isTestEvent=True, testEventCode="TEST1").dedup_key == ""

    def test_duplicates_are_forwarded_unless_the_configuration_holds_them(self) -> None:
        holding = context(extension_settings={**CONFIGURATION, "duplicates": "hold"})
        assert item().on_duplicate == "forward"
        assert send_conversions_api_event(LEAST, holding).on_duplicate == "hold"
        assert "duplicates" in [field.key for field in configuration.fields]


class TestLosingAField:
    def test_a_refused_click_id_is_left_out(self) -> None:
        lighter, left_out = without(sent(fbc=FBC), refused("user_data.fbc")) or ({}, None)
        assert lighter == sent()
        assert left_out is not None
        assert (left_out.label, left_out.path) == ("Click ID (fbc)", "fbc")

    @pytest.mark.parametrize("refused_one", ["user_data.partner_id", "user_data.partner_name"])
    def test_a_partner_goes_with_name_and_id(self, refused_one: str) -> None:
        """Source: LiveRamp, Meta Conversions API Program: both or none."""
        event = sent(partnerName="liveramp", partnerId="XY1aBc")
        lighter, _ = without(event, refused(refused_one)) or ({}, None)
        assert lighter == sent()

    def test_a_refused_member_removes_the_whole_field(self) -> None:
        event = sent(customData={"contents": [{"id": "a", "quantity": 1}]})
        lighter, _ = without(event, refused("custom_data.contents.0.id")) or ({}, None)
        assert "contents" not in lighter.get("custom_data", {})

    def test_an_unknown_key_of_items_goes_from_all_of_them_and_the_products_stay(self) -> None:
        """Source: Stape community, topic 1753: one unknown key after the other is refused."""
        items = [
            {"id": "a", "quantity": 1, "index": 1, "item_name": "A"},
            {"id": "b", "quantity": 2, "brand": "B"},
        ]
        event = sent(customData={"contents": items})
        lighter, left_out = without(event, refused("custom_data.contents.0.index")) or ({}, None)
        assert lighter["custom_data"]["contents"] == [
            {"id": "a", "quantity": 1},
            {"id": "b", "quantity": 2, "brand": "B"},
        ]
        assert left_out is not None
        assert left_out.label == "index of Contents"

    def test_custom_data_goes_as_a_whole_when_meta_names_the_whole(self) -> None:
        lighter, left_out = without(sent(customData={"status": "x"}), refused("custom_data")) or ({}, None)
        assert lighter == sent()
        assert left_out is not None
        assert left_out.label == "Custom Data"

    @pytest.mark.parametrize(
        ("key", "name", "member", "label"),
        [
            ("appData", "app_data", "vendor_id", "Vendor ID"),
            ("originalEventData", "original_event_data", "order_id", "Order ID"),
            ("attributionData", "attribution_data", "ad_id", "Ad Id"),
            ("storeData", "store_data", "store_code", "Store Code"),
        ],
    )
    def test_of_an_object_the_member_goes_that_meta_names(
        self, key: str, name: str, member: str, label: str
    ) -> None:
        event = sent({key: {member: "7"}})
        lighter, left_out = without(event, refused(f"{name}.{member}")) or ({}, None)
        assert lighter == sent()
        assert left_out is not None
        assert (left_out.path, left_out.label) == (f"{key}.{member}", label)

    def test_the_required_parameters_of_an_app_event_stay(self) -> None:
        app_data = {"advertiser_tracking_enabled": 1, "extinfo": ["a2", "", "", "", "14"], "vendor_id": "v"}
        event = sent(actionSource="app", appData=app_data)
        assert without(event, refused("app_data.extinfo")) is None
        lighter, _ = without(event, refused("app_data.vendor_id")) or ({}, None)
        assert "vendor_id" not in lighter["app_data"]

    def test_meta_says_contents_by_its_code_alone(self) -> None:
        """Source: facebookincubator/ConversionsAPI-Tag-for-GoogleTagManager issue 37."""
        event = sent(customData={"contents": [{"id": "a", "quantity": 1}], "status": "x"})
        lighter, _ = without(event, refused(code="100/2804008")) or ({}, None)
        assert lighter["custom_data"] == {"status": "x"}

    def test_meta_says_lead_id_by_its_code_alone(self) -> None:
        """Source: observed, facebook/facebook-java-business-sdk issue 421."""
        event = sent(leadId="1234567890123456")
        lighter, _ = without(event, refused(code="100/2804036")) or ({}, None)
        assert "lead_id" not in lighter["user_data"]

    @pytest.mark.parametrize(
        "field",
        [
            "",
            "event_name",
            "event_time",
            "action_source",
            "event_id",
            "event_source_url",
            "user_data",
            "user_data.client_user_agent",
            "data_processing_options",
            "user_data.fbp",
        ],
    )
    def test_a_required_or_missing_field_is_not_removed(self, field: str) -> None:
        assert without(sent(), refused(field)) is None

    def test_a_purchase_keeps_its_currency(self) -> None:
        event = sent(eventName="Purchase", customData={"value": 1, "currency": "EUR"})
        assert without(event, refused("custom_data.currency")) is None

    def test_the_last_field_that_finds_a_person_stays(self) -> None:
        event = sent(clientIpAddress="", fbp="fb.1.1596403881668.1116446470")
        assert without(event, refused("user_data.fbp")) is None


class TestExplanations:
    def test_the_field_that_meta_blames_is_named_as_the_form_calls_it(self) -> None:
        found = explain(refused("user_data.em"), {"email": "{{Email}}"})
        assert (found.path, found.label) == ("email", "Email")
        assert "Email" in found.cause

    def test_a_code_that_means_one_field_names_it(self) -> None:
        found = explain(refused(code="100/2804010"), {"customData": {"currency": "{{Currency}}"}})
        assert (found.path, found.cause) == (
            "customData.currency",
            "Meta received a Purchase without a currency.",
        )

    def test_custom_data_from_one_data_element_is_named_as_a_whole(self) -> None:
        assert explain(refused(code="100/2804010"), {"customData": "{{Cart}}"}).path == "customData"

    def test_our_own_refusals_are_explained(self) -> None:
        assert explain(Outcome("rejected", code="too_old"), {}).label == "Event Time"

    def test_an_incomplete_purchase_names_the_missing_parameter(self) -> None:
        with pytest.raises(Rejected) as refused:
            item(eventName="Purchase", customData={"value": 1})
        outcome = Outcome("rejected", code=refused.value.code, blamed_field=refused.value.field)
        assert explain(outcome, {"customData": {"currency": "{{Currency}}"}}).path == "customData.currency"

    def test_an_unknown_refusal_keeps_metas_advice(self) -> None:
        found = explain(refused(), {})
        assert (found.cause, found.advice, found.path) == (
            "Meta does not accept this event.",
            "Read Meta's text.",
            "",
        )
