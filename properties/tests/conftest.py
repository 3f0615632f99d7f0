"""A property with a data element, whose people are those of ``tests.people``."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from properties.models import DataElement, Extension, Property
from properties.resources.creation import create_property, install
from properties.saving import save_resource
from tests.people import make_user, member

TOKEN = "EAABwzLixnjYBO1234567890canary4f2a"


@pytest.fixture
def prop(olivia: Any) -> Property:
    prop = create_property("Shop", actor=olivia)
    element = DataElement(
        prop=prop,
        name="Email",
        delegate="core::dataElements::path",
        settings={"path": "arc.event.data.email"},
    )
    save_resource(element)
    member(make_user("colin"), prop, ["develop"])
    return prop


@pytest.fixture
def colleague(prop: Property) -> Any:
    return get_user_model().objects.get(username="colin")


@pytest.fixture
def stranger(stranger: Any) -> Any:
    """Has a property, but not this one."""
    create_property("Sam's own", actor=stranger)
    return stranger


@pytest.fixture
def element(prop: Property) -> DataElement:
    return prop.dataelements.get(name="Email")


@pytest.fixture
def meta(prop: Property) -> Extension:
    """Return an installed extension with a stored credential."""
    from properties.secrets import credentials

    name = "Meta Conversions API Access Token"
    credentials.store(prop, name, TOKEN)
    settings = {"pixelId": "1234567890", "accessToken": credentials.reference(name)}
    return install(prop, "meta-conversions-api", settings=settings)
