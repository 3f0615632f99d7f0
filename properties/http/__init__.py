"""Sending HTTP requests that are data, and returning answers as data. No other package speaks HTTP."""
