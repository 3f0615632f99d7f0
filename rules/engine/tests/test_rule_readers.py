from __future__ import annotations

from typing import Any

import pytest

from rules.engine.rule_readers import reads_rule


@pytest.mark.parametrize(
    ("settings", "is_reader"),
    [
        ({"path": "arc.ruleStash.probe"}, True),
        ({"path": "arc.{{Where}}"}, True),
        ({"path": "{{Whole}}"}, True),
        ({"path": "arc"}, True),
        ({"path": "".join(["a", "rc"])}, True),
        ({"path": "a"}, False),
        ({"path": ""}, False),
        ({"parts": [{"of": {"path": "arc.ruleStash.probe"}}]}, True),
        ({"path": "arc.event.data.total"}, False),
        ({"path": "arc.event.data.{{Key}}"}, False),
        ({"parts": [{"of": {"path": "arc.event"}}, None, 7]}, False),
        ({"source": "return utils.getRule().name"}, True),
        ({"source": "return arc.ruleStash.core"}, True),
        ({"source": "return arc.{{Where}}"}, False),
        ({"source": None}, False),
        ({}, False),
    ],
)
def test_what_differs_from_rule_to_rule_is_found_at_any_depth(
    settings: dict[str, Any], is_reader: bool
) -> None:
    assert reads_rule(settings, frozenset({"source"})) is is_reader
