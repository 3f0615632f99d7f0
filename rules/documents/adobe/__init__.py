"""Imports a property for tags or event forwarding from an export of Adobe's Reactor API.

``listing`` reads the file, ``conversion`` makes a property document, ``fitting`` corrects the parts that are
not valid here, and ``importing`` applies the document as a whole or not at all. The ``ImportReport`` lists
every difference.
"""

from .importing import Imported, ImportPlan, carry_out, plan_import
from .listing import MOST_BYTES

__all__ = ["MOST_BYTES", "ImportPlan", "Imported", "carry_out", "plan_import"]
