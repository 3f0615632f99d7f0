"""Explanations of events: traces and rows become plain values that pages show."""
