"""Two people change the same library on one PostgreSQL. SQLite has one writer at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.postgres
def test_people_share_one_library_and_nothing_slips_into_one_that_is_published(
    on_postgres: Callable[[str], dict[str, Any]],
) -> None:
    result = on_postgres("rules.publishing.tests.on_postgres")
    assert result["libraries"] == 1
    assert result["beyond"] == ["Library 1 is published and can no longer be edited."]
