"""The groups of the pickers."""

from __future__ import annotations

from properties.catalog.categories import by_category
from properties.catalog.descriptor import DataElementType
from properties.catalog.registry import packages


def kind(name: str, category: str) -> tuple[str, DataElementType]:
    return name, DataElementType(name=name, title=name, category=category)


def test_a_category_has_the_position_of_its_first_type() -> None:
    path, fixed, cookie = kind("path", "Event"), kind("constant", "Given"), kind("cookie", "Event")
    assert by_category([path, fixed, cookie]) == [("Event", [path, cookie]), ("Given", [fixed])]


def test_types_without_category_are_one_group_without_name() -> None:
    assert by_category([kind("path", "")]) == [("", [kind("path", "")])]


def test_a_package_with_a_long_list_puts_every_type_in_a_category() -> None:
    for package in packages().values():
        for types in (package.conditions, package.actions, package.data_elements):
            if len(types) > 6:
                assert all(type.category for type in types), package.name
