"""Counts of this process since it started, for ``/metrics``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counters:
    """Plain numbers: the hot path adds to them, ``/metrics`` reads them."""

    accepted: int = 0
    without_consent: int = 0
    answers: Counter[int] = field(default_factory=Counter)
