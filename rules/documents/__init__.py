"""Property documents: one JSON text that describes one property."""

from .applying import ApplyResult, apply_document
from .exporting import export_document
from .reading import InvalidDocument

__all__ = ["ApplyResult", "InvalidDocument", "apply_document", "export_document"]
