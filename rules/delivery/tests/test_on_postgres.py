"""Several workers on one PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.postgres
def test_workers_never_share_a_row_and_one_of_them_ends_the_event(
    on_postgres: Callable[[str], dict[str, Any]],
) -> None:
    result = on_postgres("rules.delivery.tests.on_postgres")
    # docs/reference/failures.md, "Process and broker": two workers cannot work on the same row.
    assert (result["claimed"], result["different"]) == (2_000, 2_000)
    assert result["state"] == "delivered"
    assert result["reason"] == "rule_failed"
    assert result["replayed"] == {"queued": 700, "received": 700}
    assert result["counted"] == {"issues": [200] * 3, "hours": [200] * 3}
    assert result["ledger"]["balanced"]
    # The event with a failed rule.
    assert result["ledger"]["dead"] == 1
