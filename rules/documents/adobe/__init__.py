"""What Adobe's Reactor API lists for an event forwarding property, turned into a property here.

``listing`` reads the file, ``conversion`` makes a property document of it, ``fitting`` mends what would not
be valid here, ``importing`` applies the document whole or not at all. Everything that does not come over as
it was stands in the ``Report``.
"""

from .importing import Imported, ImportPlan, carry_out, plan_import
from .listing import MOST_BYTES

__all__ = ["MOST_BYTES", "ImportPlan", "Imported", "carry_out", "plan_import"]
