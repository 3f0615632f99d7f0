"""The contract that extension packages are written against."""
