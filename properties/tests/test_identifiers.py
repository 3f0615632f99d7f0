"""Row ids in addresses and forms."""

from __future__ import annotations

import pytest

from properties.models.identifiers import LARGEST_ROW_ID, row_id
from tests.event_ids import next_event_id


def test_the_id_of_every_event_is_read() -> None:
    given = next_event_id()
    assert len(str(given)) == 19
    assert row_id(str(given)) == given
    assert row_id(str(LARGEST_ROW_ID)) == LARGEST_ROW_ID


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", " 1", "٣", "²", str(2**63), "9" * 5000, "a"])
def test_what_no_row_can_have_is_none(text: str) -> None:
    assert row_id(text) is None
