"""Faults that a test or a person orders, and the requests that they affect."""

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

MAX_SECONDS = 3600

# Every kind with its effect. `docs/graph_simulator.md` describes them in the same order.
KINDS: Mapping[str, str] = {
    "server_error": "500 with code 1",
    "unavailable": "503 with code 2",
    "transient": "400 with code 100 and is_transient true",
    "throttle": "429 with a rate limit code and a usage header with the time to regain access",
    "retry_after": "429 with code 613 and Retry-After",
    "usage_warning": "the true answer with a usage header near 100 percent",
    "token": "401 with code 190 or 102",
    "permission": "403 with code 10, 3 or 200 to 299",
    "pixel_missing": "400 with code 100 and subcode 33",
    "policy": "400 with code 368",
    "version_retired": "400 with code 2635",
    "invalid": "400 with code 100, without naming an event",
    "field": "400 with code 100 and subcode 2804001, naming a field only in its text, while an event has it",
    "html": "502 with a page of HTML",
    "not_json": "200 with a page of HTML",
    "error_in_200": "200 with an error object",
    "redirect": "307 to the same address",
    "wrong_count": "accepts, but answers one event too few",
    "no_count": "accepts, but answers an empty object",
    "oversized": "accepts with an answer of more than 1 MiB",
    "truncated": "accepts, sends half of the answer and closes",
    "slow": "accepts and answers after some seconds",
    "drip": "accepts and answers byte by byte over some seconds",
    "reset_before": "resets the connection; nothing is processed",
    "reset_after": "accepts and resets the connection without an answer",
    "hang": "reads the request and never answers; nothing is processed",
}
# The codes that a kind can answer with; the first is the default.
CODES: Mapping[str, tuple[int, ...]] = {
    "throttle": (4, 17, 32, 341, 613, 80000, 80003, 80004, 80014),
    "token": (190, 102),
    "permission": (10, 3, *range(200, 300)),
}


@dataclass
class Fault:
    """One ordered fault.

    Attributes:
        kind: One of `KINDS`.
        count: Number of requests that it still affects; None with `share`.
        share: Share of all requests that it affects, above 0 and up to 1; None with `count`.
        pixel_id: Affects only requests to this pixel; None for any pixel.
        seconds: Duration of `slow` and `drip`, and value of the `retry_after` header.
        minutes: Time to regain access that `throttle` answers.
        code: One of the kind's codes; None for the first.
        field: Field that `field` refuses: a dotted path inside an event, such as custom_data.contents.
    """

    kind: str
    count: int | None = None
    share: float | None = None
    pixel_id: str | None = None
    seconds: float = 3
    minutes: int = 1
    code: int | None = None
    field: str = "custom_data.contents"

    @classmethod
    def from_order(cls, order: object) -> Self:
        """Return the fault that a JSON object orders. Without count and share it affects one request.

        Raises:
            ValueError: The order is not an object, or a field is unknown or out of range.
        """
        if not isinstance(order, dict):
            raise ValueError("A fault must be a JSON object")
        _check_order(order)
        count = order.get("count", None if "share" in order else 1)
        return cls(**order | {"count": count})

    def strikes(self, pixel_id: str) -> bool:
        """Decide whether the fault affects a request to this pixel, and count the request if so."""
        if self.pixel_id not in (None, pixel_id):
            return False
        if self.count is None:
            return random.random() < (self.share or 0)  # noqa: S311 - chance, not secrecy
        self.count -= 1
        return True

    @property
    def is_spent(self) -> bool:
        """Whether it cannot affect further requests."""
        return self.count == 0

    @property
    def answered_code(self) -> int:
        """Return the Graph error code, for kinds with several codes."""
        return self.code or CODES[self.kind][0]


class FaultBook:
    """The active faults. If several apply to a request, the oldest wins."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Activate a fault."""
        self._faults.append(fault)

    def clear(self) -> int:
        """Remove all faults; return their number."""
        count = len(self._faults)
        self._faults.clear()
        return count

    def listing(self) -> list[dict[str, Any]]:
        """Return the active faults as JSON objects; `count` is the remaining number."""
        return [asdict(fault) for fault in self._faults]

    def strike(self, pixel_id: str) -> Fault | None:
        """Return the fault that affects a request to this pixel, or None."""
        fault = next((fault for fault in self._faults if fault.strikes(pixel_id)), None)
        self._faults[:] = [fault for fault in self._faults if not fault.is_spent]
        return fault


def _check_order(order: Mapping[str, Any]) -> None:
    kind = order.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    if "count" in order and "share" in order:
        raise ValueError("Use count or share, not both")
    for name, value in order.items():
        if name not in _FIELDS:
            raise ValueError(f"Unknown field {name}; the fields of a fault are {', '.join(_FIELDS)}")
        accepts, words = _FIELDS[name]
        if not accepts(value):
            raise ValueError(f"{name} must be {words}")
    if "code" in order and order["code"] not in CODES.get(kind, ()):
        raise ValueError(f"{kind} cannot answer with code {order['code']}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_real(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_wait(value: object) -> bool:
    return isinstance(value, int | float) and _is_real(value) and 0 <= value <= MAX_SECONDS


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "kind": (lambda value: isinstance(value, str), "a string"),
    "count": (lambda value: _is_whole(value) and value > 0, "an integer of 1 or more"),
    "share": (lambda value: _is_real(value) and 0 < value <= 1, "a number above 0 and up to 1"),
    "pixel_id": (lambda value: isinstance(value, str) and value.isdigit(), "a string of digits"),
    "seconds": (_is_wait, f"a number from 0 to {MAX_SECONDS}"),
    "minutes": (_is_whole, "an integer of 0 or more"),
    "code": (_is_whole, "one of the codes of the kind"),
    "field": (lambda value: isinstance(value, str) and value != "", "a dotted path such as user_data.fbc"),
}
