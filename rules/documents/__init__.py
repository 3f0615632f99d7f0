"""Property documents: one JSON text that describes one property."""
