"""Benchmarks of the product, each with a baseline from the same run: ``python -m benchmarks``."""
