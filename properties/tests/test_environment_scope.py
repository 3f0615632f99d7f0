"""The environment whose events a page shows: how it is asked for, kept and shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404, QueryDict
from django.test import RequestFactory

from properties.models import Environment, Property
from properties.views.environment_scope import chosen_environment, environment_switch, in_use_asked_for


def request_of(user: Any, prop: Property, query: str = "", **headers: str) -> Any:
    request = RequestFactory().get(f"/?{query}", headers=headers)
    request.user, request.prop = user, prop
    return request


def chosen(user: Any, prop: Property, query: str = "", **headers: str) -> str:
    return chosen_environment(request_of(user, prop, query, **headers), prop).stage


@pytest.fixture
def in_use() -> Any:
    """The stages that run a build, for these tests."""
    stages: list[str] = []

    def answer(sender: Any, *, prop: Property, **_: Any) -> set[int]:
        return set(prop.environments.filter(stage__in=stages).values_list("pk", flat=True))

    in_use_asked_for.connect(answer, weak=False)
    yield stages
    in_use_asked_for.disconnect(answer)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([], "development"),
        (["development"], "development"),
        (["development", "staging"], "staging"),
        (["staging", "production"], "production"),
    ],
)
def test_without_a_choice_the_most_public_environment_in_use_is_shown(
    owner: Any, prop: Property, in_use: list[str], stages: list[str], expected: str
) -> None:
    in_use.extend(stages)
    assert chosen(owner, prop) == expected


@pytest.mark.parametrize(
    ("short", "expected"), [("dev", "development"), ("stag", "staging"), ("prod", "production")]
)
def test_the_address_names_the_environment_and_the_choice_is_kept(
    owner: Any, prop: Property, short: str, expected: str
) -> None:
    assert chosen(owner, prop, f"env={short}") == expected
    assert chosen(owner, prop) == expected


def test_an_environment_is_also_named_by_its_uid(owner: Any, prop: Property) -> None:
    second = Environment.objects.create(prop=prop, name="Berta's site", stage="development")
    assert chosen_environment(request_of(owner, prop, f"env={second.uid}"), prop) == second
    assert chosen_environment(request_of(owner, prop, "env=dev"), prop) == second
    other = Property.objects.create(name="Other")
    strange = Environment.objects.create(prop=other, name="Production", stage="production")
    assert chosen_environment(request_of(owner, prop, f"env={strange.uid}"), prop) == second


def test_a_choice_belongs_to_one_person_and_one_property(owner: Any, colleague: Any, prop: Property) -> None:
    other = Property.objects.create(name="Other")
    for stage in ("development", "staging"):
        Environment.objects.create(prop=other, name=stage, stage=stage)
    chosen(owner, prop, "env=stag")
    assert chosen(owner, other) == "development"
    assert chosen(colleague, prop) == "development"


def test_a_part_of_a_page_does_not_change_the_choice(owner: Any, prop: Property) -> None:
    chosen(owner, prop, "env=stag")
    assert chosen(owner, prop, "env=prod", **{"HX-Request": "true"}) == "production"
    assert chosen(owner, prop) == "staging"


def test_a_property_without_environments_has_no_such_page(owner: Any) -> None:
    bare = Property.objects.create(name="Bare")
    with pytest.raises(Http404):
        chosen(owner, bare)


def test_the_switch_keeps_the_filters_and_leaves_the_place(owner: Any, prop: Property) -> None:
    request = request_of(owner, prop, "env=dev&range=1h&event=12&before=9")
    assert environment_switch(request) == []
    chosen_environment(request, prop)
    switch = environment_switch(request)
    assert [(it.short, it.label, it.is_current) for it in switch] == [
        ("dev", "Development", True),
        ("stag", "Staging", False),
        ("prod", "Production", False),
    ]
    assert QueryDict(switch[2].url[1:]).dict() == {"range": "1h", "env": "prod"}


def test_several_development_environments_make_a_menu_with_their_names(owner: Any, prop: Property) -> None:
    second = Environment.objects.create(prop=prop, name="Berta's site", stage="development")
    request = request_of(owner, prop, f"env={second.uid}")
    chosen_environment(request, prop)
    first = environment_switch(request)[0]
    assert [(name, is_chosen) for name, _, is_chosen in first.links] == [
        ("Development", False),
        ("Berta's site", True),
    ]
    assert first.name == "Berta's site"


def test_a_kept_choice_costs_two_queries(owner: Any, prop: Property, django_assert_num_queries: Any) -> None:
    chosen(owner, prop, "env=stag")
    with django_assert_num_queries(2):
        chosen(owner, prop)
