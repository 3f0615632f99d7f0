"""Quick Start: what a site gets that sends its conversions by the Pixel and by the server."""

from .recipe import QUICK_START

__all__ = ["QUICK_START"]
