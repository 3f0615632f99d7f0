"""Validation on the real site: a person opens it with a token, and the library of Development reports."""
