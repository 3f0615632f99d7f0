"""The rule builder."""
