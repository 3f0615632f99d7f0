"""Pages of what a property owns."""
