"""Every event that the product suggests meets the usual data elements and a preset without a warning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from capi_admin import demo
from capi_admin.supervision import first_steps
from properties.catalog.registry import find_type, packages
from properties.http.curl import NOW
from properties.models import Property
from properties.resources.usual_elements import create_usual, usual_elements
from properties.secrets.belonging import DryRunMarkers
from properties.views.environments import EXAMPLE_EVENT
from rules.authoring.suggestions import prefill, preset_of
from rules.documents.applying import apply_document
from rules.dry_run.built_in_samples import BUILT_IN
from rules.dry_run.draft_documents import draft_document
from rules.dry_run.run import run_sample
from rules.dry_run.samples import PASTED, sample_event
from rules.engine import compile_build
from rules.models import Rule

META = "meta-conversions-api"
ACTION = f"{META}::actions::send-conversions-api-event"
SETTINGS = {"pixelId": "1234567890", "accessToken": "EAAB" + "w1d2f3g4h5" * 4}
SUGGESTED: dict[str, Mapping[str, Any]] = {
    "the curl line of a page": EXAMPLE_EVENT,
    "the curl line of the terminal": first_steps.EXAMPLE_EVENT,
    "the curl line of the demo": demo.purchase(NOW),
    **{f"the sample {name}": event for name, (_, event) in BUILT_IN.items() if name != "page-view"},
}


@pytest.fixture
def prop(db: None) -> Property:
    extensions = [{"package": "core"}, {"package": META, "settings": SETTINGS}]
    document = {"format": "capi-admin/property/v1", "property": {"name": "Shop", "platform": "edge"}}
    prop = apply_document({**document, "extensions": extensions}).prop
    create_usual(prop, [usual.name for usual in usual_elements()], None)
    return prop


def preset_for(event: Mapping[str, Any]) -> str:
    return str(event["data"]["event"]).lower()


@pytest.mark.parametrize("given", SUGGESTED)
def test_an_event_that_we_suggest_is_sent_by_its_preset_without_a_warning(prop: Property, given: str) -> None:
    event, kind = SUGGESTED[given], find_type(ACTION)
    preset: Any = preset_of(kind, preset_for(event))  # type: ignore[arg-type]
    filled = prefill(prop, kind, preset)  # type: ignore[arg-type]
    assert not filled.lacks_needed
    rule = Rule.objects.create(prop=prop, name="All")
    build = compile_build(draft_document(prop, rule, ACTION, filled.settings), packages())
    sample = sample_event(prop, PASTED, pasted=json.dumps(event).replace(NOW, "1796060991"))
    environment = prop.environments.get(stage="development")
    result = run_sample(build, sample, DryRunMarkers(prop, environment))
    assert [it.message for it in result.refusals] == []
    [made] = result.items
    item: Any = made.item
    assert [f"{it.label}: {it.message}" for it in item.warnings] == []
    assert item.payload["event_id"]
    assert item.payload["event_source_url"].startswith("https://")
    assert item.payload["user_data"]["client_user_agent"].startswith("Mozilla/5.0")
