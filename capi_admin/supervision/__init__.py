"""One command runs the product: its processes, what they need before they start, what a person is told."""
