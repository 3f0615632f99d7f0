"""Plans: values computed once for a build equal values computed for each event."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from properties.catalog.customer_data.cleaning import Hints
from properties.catalog.customer_data.hashing import WORDS_REMEMBERED, HashedWords
from properties.catalog.customer_data.names import city
from properties.catalog.errors import Rejected

from ..normalize import NORMALIZERS
from ..parameters import PARAMETERS
from ..payload import prepare_event
from .meta import LEAST, context
from .test_agreement import SETTINGS, seeded

TOKEN = "{{Anything}}"
CHECK_BOXES = {row.key for row in PARAMETERS if row.type == "boolean"}


def templated(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the same keys, each with a data element, except check boxes."""
    return {key: value if key in CHECK_BOXES else TOKEN for key, value in settings.items()}


def built(template: dict[str, Any], settings: dict[str, Any]) -> Any:
    try:
        event, warnings = prepare_event(template)(settings, context())
    except Rejected as rejected:
        return rejected.code
    return event, sorted((warning.path, warning.code) for warning in warnings)


@seeded
@given(settings=SETTINGS)
def test_literals_and_data_elements_with_the_same_values_give_the_same_event(
    settings: dict[str, Any],
) -> None:
    assert built(settings, settings) == built(templated(settings), settings)


def test_warnings_about_literals_come_with_every_event() -> None:
    build = prepare_event(
        LEAST | {"eventName": "purchase", "optOut": "perhaps", "customData": {"value": "1,5"}}
    )
    settings = LEAST | {"eventName": "purchase", "optOut": "perhaps", "customData": {"value": "1,5"}}

    first, second = (build(settings, context())[1] for _ in range(2))

    assert first == second
    assert sorted(warning.code for warning in first) == ["near_miss", "not_a_number", "not_boolean"]


def test_events_do_not_share_mutable_values() -> None:
    build = prepare_event(LEAST | {"customData": {"order_id": "1"}})
    settings = LEAST | {"customData": {"order_id": "1"}}
    first, _ = build(settings, context())
    first["user_data"].clear()
    first["custom_data"].clear()

    assert build(settings, context())[0]["custom_data"] == {"order_id": "1"}
    assert build(settings, context())[0]["user_data"]


def test_keys_that_a_person_made_never_become_code() -> None:
    own = {"') or exit() #": 1, "{0}": "x", "value\nimport os": "y"}
    event, _ = prepare_event(LEAST | {"customData": own})(LEAST | {"customData": own}, context())

    assert event["custom_data"] == own


def test_only_words_that_identify_nobody_are_remembered_up_to_a_limit() -> None:
    remembering = {name for name, normalizer in NORMALIZERS.items() if isinstance(normalizer, HashedWords)}
    assert remembering == {"gender", "country"}

    words = HashedWords(city)
    for number in range(WORDS_REMEMBERED + 5):
        words(f"name {number}", Hints(0))
    assert 0 < len(words._known) <= WORDS_REMEMBERED
