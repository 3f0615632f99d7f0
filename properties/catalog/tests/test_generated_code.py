"""Functions from generated code, and the only place that may run it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from properties.catalog import generated_code
from properties.catalog.generated_code import generated_function

PRODUCT = Path(generated_code.__file__).parents[2]


def test_a_function_knows_its_values_by_their_names() -> None:
    body = ["if number > limit:", "    return word", "return number * 2"]
    run = generated_function("number", body, {"limit": 3, "word": "too many"})
    assert [run(2), run(4)] == [4, "too many"]


def test_functions_of_the_same_lines_do_not_share_their_values() -> None:
    first, second = (generated_function("", ["return it"], {"it": word}) for word in ("a", "b"))
    assert [first(), second()] == ["a", "b"]


def test_a_value_is_never_read_as_code() -> None:
    text = "__import__('os').getcwd()"
    assert generated_function("", ["return it"], {"it": text})() == text


@pytest.mark.parametrize("folder", ["capi_admin", "properties", "rules"])
def test_code_is_generated_in_one_place(folder: str) -> None:
    found = {
        path.relative_to(PRODUCT).as_posix()
        for path in (PRODUCT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("exec", "eval")
    }
    assert found == ({"properties/catalog/generated_code.py"} if folder == "properties" else set())
