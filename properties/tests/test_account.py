"""A person's account: the height of rows and the single-letter keys."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from properties.models import PersonalChoice, Property
from properties.views.shortcut_keys import KEYS
from tests.pages import page_text


def test_density_and_keys_are_kept_for_the_person_everywhere(
    owner_client: Any, colleague_client: Any, prop: Property
) -> None:
    page = reverse("properties:secrets", args=[prop.uid])
    assert "data-letters-off" not in page_text(owner_client.get(page))
    answer = owner_client.post("/account/", {"density": "comfortable"}, follow=True)
    assert "Saved how pages look for you." in page_text(answer)
    assert 'data-density="comfortable"' in page_text(owner_client.get(page))
    assert "data-letters-off" in page_text(owner_client.get(page))
    assert 'data-density="comfortable"' not in page_text(colleague_client.get(page))
    owner_client.post("/account/", {"density": "compact", "letter_keys": "on"})
    assert "data-letters-off" not in page_text(owner_client.get(page))
    assert PersonalChoice.objects.filter(user__username="olivia").count() == 2


def test_an_unknown_density_changes_nothing(owner_client: Any) -> None:
    assert owner_client.post("/account/", {"density": "huge"}).status_code == 200
    assert not PersonalChoice.objects.exists()


def test_the_help_shows_every_key_as_a_page_and_as_a_part(owner_client: Any, prop: Property) -> None:
    whole = page_text(owner_client.get("/help/", {"in": prop.uid}))
    part = page_text(owner_client.get("/help/", headers={"HX-Request": "true"}))
    for _, rows in KEYS:
        for key, does in rows:
            assert f"<kbd>{key}</kbd></td> <td>{does}</td>" in whole
            assert f"<kbd>{key}</kbd></td> <td>{does}</td>" in part
    assert "<h1>Help and shortcuts</h1>" in whole
    assert "<h1>" not in part


def test_the_navigation_names_the_key_of_each_page(owner_client: Any, prop: Property) -> None:
    page = page_text(owner_client.get(reverse("properties:secrets", args=[prop.uid])))
    for key, label in {"h": "Home", "r": "Rules", "e": "Event Log", "p": "Publishing Flow"}.items():
        assert f'title="{label}, g then {key}" data-go="{key}"' in page
