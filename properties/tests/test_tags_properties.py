"""A tags property through its pages: made, filled from the catalog, with its embed codes."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from properties.models import AuditEvent, Environment, Extension, Membership, Property
from properties.resources.creation import create_property
from tests.addresses import OF_TAGS
from tests.pages import page_words


@pytest.fixture
def tags(olivia: Any) -> Property:
    return create_property("Shop tags", platform="web", domains=["shop.example"], actor=olivia)


@pytest.fixture
def client(tags: Property, olivia: Any) -> Any:
    from tests.person import Person

    client = Person()
    client.force_login(olivia)
    return client


def address(name: str, *args: Any) -> str:
    return reverse(f"properties:{name}", args=args)


def shown(client: Any, name: str, *args: Any) -> str:
    answer = client.get(address(name, *args))
    assert answer.status_code == 200
    return page_words(answer)


@pytest.mark.parametrize(
    ("sent", "platform", "package", "datastreams"),
    [
        ({"platform": "web"}, "web", "core-web", 0),
        ({"platform": "edge"}, "edge", "core", 3),
        ({}, "edge", "core", 3),
    ],
)
def test_a_property_is_made_for_one_platform(
    client: Any, olivia: Any, sent: dict[str, str], platform: str, package: str, datastreams: int
) -> None:
    olivia.is_superuser = True
    olivia.save()
    client.post(address("property_new"), {"name": "Made", "domains": "", "default_country": "", **sent})
    made = Property.objects.get(name="Made")
    assert made.platform == platform
    assert Extension.objects.get(prop=made).package_name == package
    assert Environment.objects.filter(prop=made, datastream__isnull=False).count() == datastreams


def test_an_unknown_platform_is_refused(client: Any, olivia: Any) -> None:
    olivia.is_superuser = True
    olivia.save()
    answer = client.post(address("property_new"), {"name": "Made", "platform": "paper"})
    assert answer.status_code == 200
    assert not Property.objects.filter(name="Made").exists()


def test_the_catalog_shows_only_packages_for_tags(client: Any, tags: Property) -> None:
    text = shown(client, "catalog", tags.uid)
    assert "reads values from it and decides which rules run" in text
    assert "Conversions API" not in text
    install = address("extension_install", tags.uid, "meta-conversions-api")
    assert client.get(install).status_code == 404


def test_core_cannot_be_uninstalled(client: Any, tags: Property) -> None:
    extension = tags.extensions.get()
    assert client.post(address("extension_uninstall", tags.uid, extension.uid)).status_code == 404
    assert "Uninstall" not in shown(client, "extensions", tags.uid)


def test_each_environment_shows_its_embed_code_as_text(client: Any, tags: Property, settings: Any) -> None:
    settings.TAGS_URL = "https://data.shop.example"
    answer = client.get(address("environments", tags.uid))
    page = answer.content.decode()
    tokens = list(tags.environments.values_list("token", flat=True))
    assert len(set(tokens)) == 3
    for token in tokens:
        url = f"https://data.shop.example/t/{token}.js"
        assert f"&lt;script src=&quot;{url}&quot; async&gt;&lt;/script&gt;" in page
        # A library in our own page would act with the rights of whoever opens it.
        assert f'src="{url}"' not in page
    assert "script-src https://data.shop.example; connect-src https://data.shop.example" in page
    assert "Datastream" not in page


def test_an_insecure_address_is_said_in_production_only(client: Any, tags: Property, settings: Any) -> None:
    settings.TAGS_URL = "http://127.0.0.1:8000"
    assert shown(client, "environments", tags.uid).count("Set TAGS_URL to an https address") == 1


def test_the_live_library_is_said_to_be_empty_before_the_first_build(client: Any, tags: Property) -> None:
    environment = tags.environments.get(stage="production")
    text = page_words(client.get(reverse("rules:live_library", args=[tags.uid, environment.uid])))
    assert "No live build yet" in text
    download = reverse("rules:library_download", args=[tags.uid, environment.uid])
    assert client.get(download).status_code == 404


@pytest.mark.parametrize(("sent", "kept"), [("60", 60), ("0", 0), ("", None)])
def test_the_time_that_browsers_keep_a_library_is_saved_and_recorded(
    client: Any, tags: Property, sent: str, kept: int | None
) -> None:
    environment = tags.environments.get(stage="production")
    environment.library_seconds = 7
    environment.save()
    client.post(address("caching_edit", tags.uid, environment.uid), {"library_seconds": sent})
    environment.refresh_from_db()
    assert environment.library_seconds == kept
    entry = AuditEvent.objects.get(type_of="environment.updated")
    assert (entry.entity["before"], entry.entity["after"]) == (
        {"library_seconds": 7},
        {"library_seconds": kept},
    )


@pytest.mark.parametrize("sent", ["-1", "86401", "soon"])
def test_an_impossible_time_is_refused(client: Any, tags: Property, sent: str) -> None:
    environment = tags.environments.get(stage="production")
    answer = client.post(address("caching_edit", tags.uid, environment.uid), {"library_seconds": sent})
    assert answer.status_code == 200
    environment.refresh_from_db()
    assert environment.library_seconds is None


def address_of(route: str, prop: Property) -> str:
    """Its address in a property, of Production if it is about one environment."""
    of_environment = [prop.uid, prop.environments.get(stage="production").uid]
    return reverse(route, args=of_environment[:1] if "validation" in route else of_environment)


@pytest.mark.parametrize("route", sorted(OF_TAGS - {"rules:validation_start"}))  # Only a button.
def test_pages_of_tags_are_for_members_of_tags_properties(
    client: Any, tags: Property, prop: Property, olivia: Any, route: str
) -> None:
    page, elsewhere = address_of(route, tags), address_of(route, prop)
    opened = 404 if route == "rules:library_download" else 200  # It has no live build.
    Membership.objects.filter(prop=tags, user=olivia).update(rights=[])
    assert client.get(page).status_code == opened
    assert client.get(elsewhere).status_code == 404
    Membership.objects.filter(prop=tags, user=olivia).delete()
    assert client.get(page).status_code == 404
    client.logout()
    assert client.get(page).headers["Location"].startswith(reverse("login"))


def test_caching_needs_the_right_to_manage_environments(client: Any, tags: Property, olivia: Any) -> None:
    Membership.objects.filter(prop=tags, user=olivia).update(rights=["develop"])
    environment = tags.environments.get(stage="production")
    page = address("caching_edit", tags.uid, environment.uid)
    assert client.get(page).status_code == 200
    assert client.post(page, {"library_seconds": "60"}).status_code == 403


def test_pages_of_event_forwarding_do_not_exist(client: Any, tags: Property) -> None:
    assert client.get(address("secrets", tags.uid)).status_code == 404
    assert client.post(address("data_elements_usual", tags.uid), {"name": "Email"}).status_code == 404
    assert not tags.dataelements.exists()


def test_pages_tell_their_scripts_how_tokens_are_written(client: Any, tags: Property, prop: Property) -> None:
    for each, signs in ((tags, ("%", "%")), (prop, ("{{", "}}"))):
        page = client.get(address("data_elements", each.uid)).content.decode()
        assert 'data-before="{}"\n    data-after="{}"'.format(*signs) in page


def test_settings_are_those_of_tags(client: Any, tags: Property) -> None:
    text = shown(client, "property_settings", tags.uid)
    assert "Run rule components in sequence" in text
    assert "Accept events" not in text
    assert "Default country" not in text
    client.post(
        address("property_settings", tags.uid),
        {"name": "Shop tags", "domains": "shop.example", "undefined_vars_return_empty": "on"},
    )
    tags.refresh_from_db()
    assert (tags.rule_component_sequencing_enabled, tags.undefined_vars_return_empty) == (False, True)
    assert tags.enabled


def test_settings_of_event_forwarding_stay_as_they_are(client: Any, prop: Property) -> None:
    text = shown(client, "property_settings", prop.uid)
    assert "Accept events" in text
    assert "Run rule components in sequence" not in text


def test_a_data_element_chooses_from_the_types_for_tags(client: Any, tags: Property) -> None:
    text = shown(client, "data_element_new", tags.uid)
    assert "JavaScript Variable" in text
    assert "Secret" not in text
    page = address("data_element_new", tags.uid) + "?type=core-web::dataElements::javascript-variable"
    form = page_words(client.get(page))
    assert "Storage duration" in form
    assert "Last values" not in form
    client.post(
        page,
        {
            "path": "shop.total",
            "element-name": "Total",
            "element-enabled": "on",
            "element-storage_duration": "visitor",
        },
    )
    assert tags.dataelements.get().storage_duration == "visitor"
