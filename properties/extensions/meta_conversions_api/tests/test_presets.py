"""Presets for the action. Source: Meta, Pixel Reference, standard events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from properties.catalog.descriptor import Field, Preset

from ..extension import send_event
from ..parameters import STANDARD_EVENTS
from ..presets import NAMES, PRESETS


def keys_of(fields: Sequence[Field], above: str = "") -> Iterator[str]:
    for field in fields:
        yield above + field.key
        yield from keys_of(field.properties, f"{above}{field.key}.")


KEYS = set(keys_of(send_event.fields))


def preset(name: str) -> Preset:
    return next(it for it in PRESETS if it.name == name)


def test_every_standard_event_has_a_preset() -> None:
    assert {it.settings["eventName"] for it in PRESETS} >= set(STANDARD_EVENTS)
    assert len({it.name for it in PRESETS}) == len(PRESETS)


def test_a_purchase_needs_value_and_currency() -> None:
    """Source: Meta, Pixel Reference, standard events: only Purchase has required data."""
    needed = {"customData.value", "customData.currency"}
    assert needed <= set(preset("purchase").needed)
    on_websites = {it.name for it in PRESETS if needed & set(it.needed)}
    assert on_websites == {"purchase", "store-purchase"}


@pytest.mark.parametrize("one", PRESETS, ids=[it.name for it in PRESETS])
def test_a_preset_fills_only_fields_of_the_form(one: Preset) -> None:
    assert set(one.suggestions) <= KEYS
    assert set(one.needed) <= set(one.suggestions)
    assert set(one.settings) <= KEYS


def test_each_name_means_one_parameter() -> None:
    names = [name for names in NAMES.values() for name in names]
    assert sorted(names) == sorted(set(names))


def test_a_stage_of_a_lead_says_that_it_comes_from_a_crm() -> None:
    """Source: Meta, Conversion Leads Integration: event_source is crm, action_source system_generated."""
    stage = preset("crm-lead-stage")
    assert stage.settings["actionSource"] == "system_generated"
    assert stage.settings["customData"] == {"event_source": "crm"}
