"""A simulator of Meta's Graph API: the events edge with Meta's documented rules, and faults on demand.

It shares no code with the rest of this package, so it remains an independent reading of the same rules.
"""

from .rules import check_request
from .server import Simulator

__all__ = ["Simulator", "check_request"]
