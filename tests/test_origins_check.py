"""The check that production names the sites that may send."""

from __future__ import annotations

import pytest

from capi_admin.checks import check_origins
from properties.models import Datastream
from properties.resources.creation import create_property

pytestmark = pytest.mark.django_db


def test_production_that_accepts_events_of_every_site_is_named() -> None:
    create_property("Shop", actor="apply")
    (warning,) = check_origins(None, databases=["default"])
    assert (warning.id, "Shop" in warning.msg) == ("capi_admin.W004", True)
    Datastream.objects.filter(environment__stage="production").update(allowed_origins=["https://a.example"])
    assert check_origins(None, databases=["default"]) == []
    assert check_origins(None) == []
