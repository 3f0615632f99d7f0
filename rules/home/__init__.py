"""Home: what needs attention over all properties of a person, and how each of them is."""
