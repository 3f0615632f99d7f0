"""Counting attempts on PostgreSQL. The other tests are in ``tests/test_signing_in.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_postgresql_counts_tries_at_the_same_moment_one_by_one(
    on_postgres: Callable[[str], dict[str, Any]],
) -> None:
    result = on_postgres("properties.tests.sign_in_on_postgres")
    assert (result["tried"], result["allowed"]) == (30, 5)
    # After a correct password, the pair is deleted, and address, name and all have one failure less.
    assert result["left"] == [4, 4, 4]
