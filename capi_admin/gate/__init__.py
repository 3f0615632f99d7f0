"""Limits of connections and requests, and the bridge to the pages."""
