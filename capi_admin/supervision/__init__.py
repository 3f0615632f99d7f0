"""Runs the whole product with one command: preparation, processes and output."""
