"""Signing in: limits on attempts, known browsers, and open sessions."""
