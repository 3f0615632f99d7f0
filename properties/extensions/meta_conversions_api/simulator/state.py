"""The business behind the simulator: its pixels, its token and its answers beyond the events edge.

A test or a person sets it with POST /_simulator/state.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from .problems import GraphError, graph_error

TOKENS = VALID, EXPIRED, NO_PERMISSION, REVOKED = ("valid", "expired", "no_permission", "revoked")
DIALOGS = ("ask", "allow", "deny", "never")
CODES = ("valid", "expired", "used")
# `docs/graph_simulator.md` describes each key.
FRESH: Mapping[str, Any] = {
    "token": VALID,
    "dialog": "ask",
    "code": "valid",
    "app_id": "",
    "app_secret": "",
    "business": {"id": "102938475610293", "name": "Nordic Shop"},
    "pixels": [{"id": "1234567890", "name": "Nordic Shop web"}],
    "ad_accounts": [{"id": "act_5551234567", "name": "Nordic Shop ads"}],
    "scopes": ["ads_read", "business_management"],
    "expires_at": 0,
    "data_access_expires_at": 0,
    "dataset_quality": {},
    "answers": {},
}


class GraphState:
    """What a client finds at the simulated Meta. Parts that nobody has set keep the values of `FRESH`."""

    def __init__(self) -> None:
        self._values = deepcopy(dict(FRESH))

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def listing(self) -> dict[str, Any]:
        """Return the whole state as a JSON object."""
        return deepcopy(self._values)

    def change(self, order: object) -> None:
        """Replace the parts that a JSON object names; the others stay.

        Raises:
            ValueError: The order is not an object, or a part is unknown or has the wrong shape.
        """
        if not isinstance(order, dict):
            raise ValueError("The state must be a JSON object")
        for name, value in order.items():
            if name not in _PARTS:
                raise ValueError(f"Unknown part {name}; the parts of the state are {', '.join(_PARTS)}")
            accepts, words = _PARTS[name]
            if not accepts(value):
                raise ValueError(f"{name} must be {words}")
        self._values |= deepcopy(order)

    def reset(self) -> None:
        """Return to the state of a new simulator."""
        self._values = deepcopy(dict(FRESH))

    def add_pixel(self, pixel: Mapping[str, Any]) -> None:
        """Add a pixel to the business."""
        self._values["pixels"].append(dict(pixel))

    def pixel(self, pixel_id: str) -> dict[str, Any] | None:
        """Return the pixel with this ID, or None."""
        return next((pixel for pixel in self._values["pixels"] if pixel["id"] == pixel_id), None)


def check_state_token(state: GraphState) -> GraphError | None:
    """Return Meta's error if the state says that access tokens have ended (190), else None.

    Source: Meta, Handling Errors (Graph API): 463 expired, 458 app not installed (access taken back).
    """
    if state["token"] == EXPIRED:
        return graph_error(190, "Error validating access token: Session has expired.", subcode=463)
    if state["token"] == REVOKED:
        message = "Error validating access token: The user has not authorized application."
        return graph_error(190, message, subcode=458)
    return None


def check_reading(state: GraphState, message: str = "(#100) Missing Permission") -> GraphError | None:
    """Return Meta's error if the token may only send events (no_permission), or has ended; else None.

    Source: Meta, Ads Pixel; observed with tokens made in Events Manager.
    """
    if state["token"] == NO_PERMISSION:
        return graph_error(100, message)
    return check_state_token(state)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _one_of(*names: str) -> tuple[Callable[[Any], bool], str]:
    return (lambda value: value in names), f"one of {', '.join(names)}"


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and bool(value["id"])


def _is_list_of_named(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_named, value))


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


_NAMED = "a list of objects with an id as text"
_PARTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "token": _one_of(*TOKENS),
    "dialog": _one_of(*DIALOGS),
    "code": _one_of(*CODES),
    "app_id": (_is_text, "text"),
    "app_secret": (_is_text, "text"),
    "business": (lambda value: value is None or _is_named(value), "null, or an object with an id as text"),
    "pixels": (_is_list_of_named, _NAMED),
    "ad_accounts": (_is_list_of_named, _NAMED),
    "scopes": (_is_list_of_texts, "a list of texts"),
    "expires_at": (_is_whole, "Unix seconds, or 0 for never"),
    "data_access_expires_at": (_is_whole, "Unix seconds, or 0 for never"),
    "dataset_quality": (_is_object, "an object"),
    "answers": (_is_object, "an object of paths without version, each with the whole answer"),
}
