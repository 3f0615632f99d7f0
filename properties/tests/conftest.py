"""Three people: an owner, a colleague who may only develop, and a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from properties.models import DataElement, Extension, Membership, Property
from properties.resources.creation import create_property, install
from properties.saving import save_resource
from tests.person import Person

TOKEN = "EAABwzLixnjYBO1234567890canary4f2a"


def make_user(name: str) -> Any:
    return get_user_model().objects.create_user(name)


def signed_in(user: Any) -> Client:
    client = Person()
    client.force_login(user)
    return client


@pytest.fixture
def prop(db: None) -> Property:
    prop = create_property("Shop", actor=make_user("olivia"))
    element = DataElement(
        prop=prop,
        name="Email",
        delegate="core::dataElements::path",
        settings={"path": "arc.event.data.email"},
    )
    save_resource(element)
    Membership.objects.create(user=make_user("colin"), prop=prop, rights=["develop"])
    return prop


@pytest.fixture
def owner(prop: Property) -> Client:
    return signed_in(get_user_model().objects.get(username="olivia"))


@pytest.fixture
def colleague(prop: Property) -> Client:
    return signed_in(get_user_model().objects.get(username="colin"))


@pytest.fixture
def stranger(prop: Property) -> Client:
    user = make_user("sam")
    create_property("Sam's own", actor=user)
    return signed_in(user)


@pytest.fixture
def administrator(prop: Property) -> Client:
    return signed_in(get_user_model().objects.create_superuser("root"))


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
