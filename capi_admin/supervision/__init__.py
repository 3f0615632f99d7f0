"""One command runs the product: its processes, what they need before they start, and what a person is told."""
