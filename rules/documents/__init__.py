"""Property documents: one JSON text that describes one property."""

from .applying import apply_document
from .exporting import export_document
from .reading import InvalidDocument
from .writing import ApplyResult

__all__ = ["ApplyResult", "InvalidDocument", "apply_document", "export_document"]
