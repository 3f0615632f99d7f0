"""The Secret data element. Source: docs/reference/adobe.md, "Edge Core" and "Secrets"."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.errors import InvalidParameter
from properties.catalog.forms import check_settings, form_for
from properties.catalog.testing import fake_context, run_component, secret_marker

from ..secret import SECRET, secret_for

SETTINGS = {
    "secrets": {
        "development": {"id": "SE1", "name": "Ads token, test"},
        "production": {"id": "SE2", "name": "Ads token"},
    }
}


@pytest.mark.parametrize(("stage", "name"), [("development", "Ads token, test"), ("production", "Ads token")])
def test_each_stage_gets_the_marker_of_its_secret(stage: str, name: str) -> None:
    context = fake_context(build_info={"environment": stage})
    assert run_component(SECRET, SETTINGS, context) == secret_marker(name)


def test_a_stage_without_secret_is_named() -> None:
    with pytest.raises(InvalidParameter, match="No secret is chosen for staging"):
        run_component(SECRET, SETTINGS, fake_context(build_info={"environment": "staging"}))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"secrets": None},
        {"secrets": []},
        {"secrets": {"production": "x"}},
        {"secrets": {"production": {}}},
    ],
)
def test_odd_settings_choose_nothing(settings: Any) -> None:
    assert secret_for(settings, "production") == ""


def test_settings_as_adobes_core_saves_them_are_right() -> None:
    assert check_settings(SECRET, SETTINGS, secrets=[]) == []


def test_one_secret_at_least_is_chosen() -> None:
    (problem,) = check_settings(SECRET, {})
    assert problem.message == "Choose a secret for at least one environment."


def test_saving_the_form_keeps_ids_and_takes_another_choice() -> None:
    secrets = {"Ads token": "9f3e", "Other token": "77aa"}
    data = {"secrets.development": "Ads token, test", "secrets.production": "Other token"}
    form = form_for(SECRET, settings=SETTINGS, data=data, secrets=secrets)
    assert form.is_valid()
    assert form.to_settings() == {
        "secrets": {
            "development": {"id": "SE1", "name": "Ads token, test"},
            "production": {"name": "Other token"},
        }
    }
