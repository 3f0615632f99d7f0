"""Signing in: how often somebody may guess, which browsers are known, which sessions are open."""
